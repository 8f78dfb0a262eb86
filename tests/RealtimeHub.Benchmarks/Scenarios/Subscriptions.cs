using RealtimeHub.Benchmarks.Clients;
using RealtimeHub.Benchmarks.Feeding;
using RealtimeHub.Benchmarks.Reporting;
using RealtimeHub.Benchmarks.Running;

namespace RealtimeHub.Benchmarks.Scenarios;

/// <summary>One connection that watches one topic, some, and as many as it may.</summary>
internal static class Subscriptions
{
    public static async Task RunAsync(Bench bench)
    {
        var rate = bench.Arguments.Int("rate", 4000);
        var systems = await bench.StartAllAsync(SystemSet.OneServer.All);
        var subjects = new List<Subject>();
        foreach (var count in (int[])[1, 16, 256])
        {
            foreach (var system in systems)
            {
                var order = new FeedOrder($"watched-{count}-", count, bench.Arguments.Number("seconds", 2), Rate: rate);
                await system.PrepareAsync(order.Prefix, count);
                var crowd = await Crowd.ConnectAsync(bench.Loop, Topics.PlansOf(system, order.Prefix, count, 1));
                subjects.Add(new Subject(system, order, crowd));
            }
        }

        var results = await Rounds.InterleaveAsync(subjects, bench.Rounds, s => Run.MeasureAsync(bench.Loop, s.System, s.Crowd, s.Order));
        var table = new Table($"one connection, {rate:#,0} events/s", "subscriptions", "server CPU µs/event", "to one", "lost", "other load");
        foreach (var (subject, runs) in results)
        {
            var cpu = runs.Median(r => r.ServerMicrosecondsPerEvent);
            var one = results.First(r => r.Key.System == subject.System).Value.Median(r => r.ServerMicrosecondsPerEvent);
            table.Add(
                subject.System.Name, $"{subject.Order.Topics}", Table.Number(cpu), Table.Ratio(cpu, one), $"{runs.Sum(r => r.Lost)}",
                Table.Share(runs.Median(r => r.OtherShare)));
            subject.Crowd.Dispose();
        }

        Console.WriteLine(table);
    }

    private sealed record Subject(MeasuredSystem System, FeedOrder Order, Crowd Crowd)
    {
        public override string ToString() => $"{System}, {Order.Topics} subscriptions";
    }
}
