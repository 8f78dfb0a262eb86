using RealtimeHub.Benchmarks.Feeding;
using RealtimeHub.Benchmarks.Reporting;
using RealtimeHub.Benchmarks.Running;

namespace RealtimeHub.Benchmarks.Scenarios;

/// <summary>How long an event takes to everybody when the server has time.</summary>
internal static class Latency
{
    public static async Task RunAsync(Bench bench, SystemSet set)
    {
        var subscribers = bench.Arguments.Int("subscribers", 200);
        var order = new FeedOrder("latency", 1, bench.Arguments.Number("seconds", 4), Rate: bench.Arguments.Int("rate", 50));
        var systems = await bench.StartAllAsync(set.All);
        using var crowds = await Crowds.ConnectAsync(bench, systems, order, subscribers);
        var results = await Rounds.InterleaveAsync(systems, bench.Rounds, s => LatencyRun.MeasureAsync(bench.Loop, s, crowds[s], order));
        var table = new Table(
            $"{subscribers:#,0} subscribers, {order.Rate} events/s", "p50 ms", "p99 ms", "lost", "other load", $"{systems[0].Name}: p50", $"{systems[0].Name}: p99");
        var ours = results[systems[0]];
        foreach (var (system, runs) in results)
        {
            var (median, tail) = (runs.Median(r => r.Median), runs.Median(r => r.Tail));
            table.Add(
                system.Name, Table.Number(median), Table.Number(tail), $"{runs.Sum(r => r.Run.Lost)}",
                Table.Share(runs.Median(r => r.Run.OtherShare)), Table.Ratio(ours.Median(r => r.Median), median), Table.Ratio(ours.Median(r => r.Tail), tail));
        }

        Console.WriteLine(table);
    }
}
