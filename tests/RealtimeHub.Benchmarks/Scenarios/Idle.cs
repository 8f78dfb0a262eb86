using RealtimeHub.Benchmarks.Clients;
using RealtimeHub.Benchmarks.Feeding;
using RealtimeHub.Benchmarks.Reporting;
using RealtimeHub.Benchmarks.Running;

namespace RealtimeHub.Benchmarks.Scenarios;

/// <summary>The memory of a connection with one subscription that nothing happens on; each round on a fresh server.</summary>
internal static class Idle
{
    private const int ToWarmUp = 100;

    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(1);

    public static async Task RunAsync(Bench bench)
    {
        var connections = bench.Arguments.Int("connections", 2000);
        var order = new FeedOrder("idle", 1, 0.5, Rate: 100);
        var names = bench.Present(SystemSet.OneServer.All);
        var results = await Rounds.InterleaveAsync(names, bench.Rounds, MeasureAsync);
        var ours = results[names[0]];
        var table = new Table($"{connections:#,0} idle connections", "resident KiB each", "heap KiB each", $"{names[0]}: resident", $"{names[0]}: heap");
        foreach (var (name, runs) in results)
        {
            var (resident, heap) = (runs.Median(m => m.Resident), runs.Median(m => m.Heap));
            table.Add(
                name, Memory.Kibibytes(resident), Memory.Kibibytes(heap), Table.Ratio(ours.Median(m => m.Resident), resident),
                Table.Ratio(ours.Median(m => m.Heap), heap));
        }

        Console.WriteLine(table);

        async Task<Memory> MeasureAsync(string name)
        {
            var system = await bench.StartAsync(name);
            await system.PrepareAsync(order.Prefix, order.Topics);
            string[] topics = [FeedOrder.TopicName(order.Prefix, 0)];
            using (var first = await Crowd.ConnectAsync(bench.Loop, system.Plans(topics, ToWarmUp)))
            {
                await Run.MeasureAsync(bench.Loop, system, first, order);
            }

            await Poll.Pause(Settle);
            var before = await Memory.OfAsync(system);
            using var crowd = await Crowd.ConnectAsync(bench.Loop, system.Plans(topics, connections));
            await Poll.Pause(Settle);
            var after = await Memory.OfAsync(system);
            await bench.StopAsync(system);
            return (after - before) / connections;
        }
    }
}
