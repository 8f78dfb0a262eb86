using RealtimeHub.Benchmarks.Clients;
using RealtimeHub.Benchmarks.Feeding;
using RealtimeHub.Benchmarks.Reporting;
using RealtimeHub.Benchmarks.Running;

namespace RealtimeHub.Benchmarks.Scenarios;

/// <summary>The same rate of events over few topics and over many, each with one subscriber; each on a server of its own.</summary>
internal static class Topics
{
    public static async Task RunAsync(Bench bench, SystemSet set)
    {
        var (few, many) = (bench.Arguments.Int("few", 100), bench.Arguments.Int("many", 10_000));
        var connections = bench.Arguments.Int("connections", 250);
        var rate = bench.Arguments.Int("rate", 2000);
        var subjects = new List<Subject>();
        foreach (var topics in (int[])[few, many])
        {
            var order = new FeedOrder("topics", topics, bench.Arguments.Number("seconds", 3), Rate: rate);
            foreach (var system in await bench.StartAllAsync(set.All))
            {
                await system.PrepareAsync(order.Prefix, topics);
                var plans = PlansOf(system, order.Prefix, topics, Math.Min(connections, topics));
                subjects.Add(new Subject(system, order, await Crowd.ConnectAsync(bench.Loop, plans, atOnce: 50)));
            }
        }

        var results = await Rounds.InterleaveAsync(
            subjects, bench.Rounds, s => Run.MeasureAsync(bench.Loop, s.System, s.Crowd, s.Order, copies: 1));
        var table = new Table(
            $"{rate:#,0} events/s, one subscriber a topic", "topics", "connections", "server CPU µs/event", "to few topics", "lost", "other load");
        foreach (var (subject, runs) in results)
        {
            var cpu = runs.Median(r => r.ServerMicrosecondsPerEvent);
            var fewest = results.First(r => r.Key.System.Name == subject.System.Name).Value.Median(r => r.ServerMicrosecondsPerEvent);
            table.Add(
                subject.System.Name, $"{subject.Order.Topics:#,0}", $"{subject.Crowd.Clients.Count}", Table.Number(cpu), Table.Ratio(cpu, fewest),
                $"{runs.Sum(r => r.Lost)}", Table.Share(runs.Median(r => r.OtherShare)));
            subject.Crowd.Dispose();
        }

        Console.WriteLine(table);
    }

    /// <summary>Deals the topics out to connections.</summary>
    public static IEnumerable<ClientPlan> PlansOf(MeasuredSystem system, string prefix, int topics, int connections) =>
        Enumerable.Range(0, topics).GroupBy(t => t % connections, t => FeedOrder.TopicName(prefix, t)).Select(g => system.Plan(g));

    private sealed record Subject(MeasuredSystem System, FeedOrder Order, Crowd Crowd)
    {
        public override string ToString() => $"{System}, {Order.Topics} topics";
    }
}
