using RealtimeHub.Benchmarks.Clients;
using RealtimeHub.Benchmarks.Feeding;
using RealtimeHub.Benchmarks.Reporting;
using RealtimeHub.Benchmarks.Running;

namespace RealtimeHub.Benchmarks.Scenarios;

/// <summary>
/// Somebody publishes on one node who offers each event until it is taken, while what is behind two nodes is killed for a moment, or the
/// other node is cut off from it.
/// </summary>
internal static class Outage
{
    private const int Nodes = 2;
    private static readonly TimeSpan After = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(5);

    public static async Task RunAsync(Bench bench)
    {
        var (subscribers, time) = (bench.Arguments.Int("subscribers", 20), TimeSpan.FromSeconds(bench.Arguments.Number("outage", 1)));
        var order = new FeedOrder("outage", 1, bench.Arguments.Number("seconds", 5), Rate: bench.Arguments.Int("rate", 200));
        var systems = (await bench.StartAllAsync(SystemSet.OnNats.Hubs, Nodes)).Cast<HubSystem>().ToList();
        var subjects = new List<Subject>();
        foreach (var system in systems)
        {
            await system.PrepareAsync(order.Prefix, order.Topics);
            subjects.Add(new Subject(system, "killed", system.KillBackboneAsync));
            subjects.Add(new Subject(system, "cut off from one node", system.CutOffAsync));
        }

        var results = await Rounds.InterleaveAsync(subjects, bench.Rounds, MeasureAsync);
        var table = new Table(
            $"{order.Rate} events/s to {subscribers} subscribers of {Nodes} nodes", $"what is behind is, for {time.TotalSeconds:0.#} s", "events taken",
            "deliveries", "lost", "twice");
        foreach (var (subject, runs) in results)
        {
            table.Add(
                subject.System.Name, subject.Mishap, $"{runs.Sum(r => r.Events):#,0}", $"{runs.Sum(r => r.Events) * subscribers:#,0}",
                $"{runs.Sum(r => r.Lost):#,0}", $"{runs.Sum(r => r.Twice):#,0}");
        }

        Console.WriteLine(table);

        async Task<Outcome> MeasureAsync(Subject subject)
        {
            var system = subject.System;
            using var crowd = await Crowd.ConnectAsync(bench.Loop, system.Plans([FeedOrder.TopicName(order.Prefix, 0)], subscribers));
            crowd.Mark();
            var feeding = system.InsistAsync(order);
            await Poll.Pause(After);
            await subject.InterruptAsync(time);
            var fed = await feeding;
            await Poll.TryUntilAsync(() => crowd.Total() >= fed.Events * subscribers, Drain);
            if (fed.IsStuck || crowd.Closed > 0)
            {
                throw new InvalidOperationException($"{system.Name} took {fed.Events} events and ended {crowd.Closed} connections.");
            }

            var counts = Enumerable.Range(0, subscribers).Select(crowd.CountOf).ToList();
            return new Outcome(fed.Events, counts.Sum(c => Math.Max(0, fed.Events - c)), counts.Sum(c => Math.Max(0, c - fed.Events)));
        }
    }

    private sealed record Subject(HubSystem System, string Mishap, Func<TimeSpan, Task> InterruptAsync)
    {
        public override string ToString() => $"{System}, {Mishap}";
    }

    private sealed record Outcome(long Events, long Lost, long Twice)
    {
        public override string ToString() => $"{Events} events, lost {Lost}, twice {Twice}";
    }
}
