using RealtimeHub.Benchmarks.Feeding;
using RealtimeHub.Benchmarks.Reporting;
using RealtimeHub.Benchmarks.Running;

namespace RealtimeHub.Benchmarks.Scenarios;

/// <summary>One topic, many subscribers, as many events as can be.</summary>
internal static class Fanout
{
    public static async Task RunAsync(Bench bench, SystemSet set)
    {
        var subscribers = bench.Arguments.Int("subscribers", 1000);
        var order = new FeedOrder("fanout", 1, bench.Arguments.Number("seconds", 4), Window: bench.Arguments.Int("window", 256));
        var systems = await bench.StartAllAsync(set.All);
        using var crowds = await Crowds.ConnectAsync(bench, systems, order, subscribers);
        var results = await Rounds.InterleaveAsync(systems, bench.Rounds, s => Run.MeasureAsync(bench.Loop, s, crowds[s], order));
        var ours = results[systems[0]];
        var table = new Table(
            $"{subscribers:#,0} subscribers, {BenchEvent.Bytes}-byte events, window {order.Window}", "deliveries/s", "server CPU µs/delivery",
            "client CPU µs/delivery", "backbone CPU µs/event", "lost", "other load", $"{systems[0].Name}: deliveries", $"{systems[0].Name}: CPU");
        foreach (var (system, runs) in results)
        {
            var (rate, cpu) = (runs.Median(r => r.PerSecond), runs.Median(r => r.ServerMicrosecondsPerDelivery));
            table.Add(
                system.Name, Table.Number(rate), Table.Number(cpu), Table.Number(runs.Median(r => r.ClientMicrosecondsPerDelivery)),
                Table.Number(runs.Median(r => r.BackboneMicrosecondsPerEvent)),
                $"{runs.Sum(r => r.Lost)}", Table.Share(runs.Median(r => r.OtherShare)), Table.Ratio(ours.Median(r => r.PerSecond), rate),
                Table.Ratio(ours.Median(r => r.ServerMicrosecondsPerDelivery), cpu));
        }

        Console.WriteLine(table);
    }
}
