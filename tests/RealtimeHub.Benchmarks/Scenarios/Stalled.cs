using RealtimeHub.Benchmarks.Clients;
using RealtimeHub.Benchmarks.Feeding;
using RealtimeHub.Benchmarks.Reporting;
using RealtimeHub.Benchmarks.Running;

namespace RealtimeHub.Benchmarks.Scenarios;

/// <summary>What clients that never read cost the others, and the server.</summary>
/// <remarks>
/// At a low rate a client that reads nothing is not noticed for minutes: the kernel buffers megabytes. So the clients that are to stall also
/// watch a topic of their own, which is flooded twice: once while all read, so that it has cost what it costs, and once when some no longer do.
/// All of it is over before a server ends clients that take nothing.
/// </remarks>
internal sealed class Stalled
{
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(3.2); // a ring keeps what is younger than 2 s, and is looked at each second

    // Otherwise the kernel takes tens of megabytes for a client that has read fast before. With this and its own 4 MB it is full before the flood is over.
    private const int ReceiveBuffer = 256 * 1024;

    private readonly Bench bench;
    private readonly FeedOrder order;
    private readonly FeedOrder flood;
    private readonly int aside;

    private Stalled(Bench bench)
    {
        this.bench = bench;
        aside = bench.Arguments.Int("stalled", 10);
        // As long as it takes to settle: then the rings hold the same when the memory is measured again.
        order = new FeedOrder("watched", 1, bench.Arguments.Number("seconds", 3.2), Rate: bench.Arguments.Int("rate", 50));
        var events = bench.Arguments.Int("flood", 24_000);
        flood = new FeedOrder("flooded", 1, Seconds: 0.5, Rate: 2 * events);
    }

    private string[] Topics => [FeedOrder.TopicName(order.Prefix, 0), FeedOrder.TopicName(flood.Prefix, 0)];

    public static Task RunAsync(Bench bench) => new Stalled(bench).RunAsync();

    private async Task RunAsync()
    {
        var subscribers = bench.Arguments.Int("subscribers", 1000);
        var systems = await bench.StartAllAsync(SystemSet.OneServer.All);
        using var crowds = await Crowds.ConnectAsync(bench, systems, order, subscribers - aside);
        foreach (var system in systems)
        {
            await system.PrepareAsync(flood.Prefix, flood.Topics);
        }

        var subjects = new[] { 0, 1, aside }
            .SelectMany(n => systems.Select(s => (System: s, Stalled: n)))
            .Where(s => s.Stalled != 1 || s.System.Name == HubSystem.Ours) // what one does to the others, ten do to them too
            .ToList();
        var results = await Rounds.InterleaveAsync(subjects, bench.Rounds, s => MeasureAsync(s.System, crowds[s.System], s.Stalled));
        var table = new Table(
            $"{subscribers:#,0} subscribers, {order.Rate} events/s", "that read nothing", "others: p50 ms", "p99 ms", "delivered", "other load",
            "heap for each KiB", "resident for each KiB");
        foreach (var ((system, stalled), runs) in results)
        {
            var none = results[(system, 0)];
            table.Add(
                system.Name, $"{stalled}", Table.Number(runs.Median(r => r.Latency.Median)), Table.Number(runs.Median(r => r.Latency.Tail)),
                Table.Share(runs.Median(r => r.Latency.Delivered)), Table.Share(runs.Median(r => r.Latency.Run.OtherShare)),
                Each(m => m.Heap), Each(m => m.Resident));

            // Both floods cost the topic's ring and the like; what the second costs more is for those that stall.
            string Each(Func<Memory, double> figure) => stalled == 0
                ? "-"
                : Memory.Kibibytes((runs.Median(r => figure(r.Growth)) - none.Median(r => figure(r.Growth))) / stalled);
        }

        Console.WriteLine(table);
    }

    private async Task<Outcome> MeasureAsync(MeasuredSystem system, Crowd others, int stalled)
    {
        using var crowd = await Crowd.ConnectAsync(bench.Loop, system.Plans(Topics, aside), receiveBuffer: ReceiveBuffer);
        await FloodAsync(system, crowd, aside);
        await Poll.Pause(Settle);
        var before = await Memory.OfAsync(system);
        foreach (var client in crowd.Clients.TakeLast(stalled))
        {
            bench.Loop.Pause(client);
        }

        await FloodAsync(system, crowd, aside - stalled);
        var latency = await LatencyRun.MeasureAsync(bench.Loop, system, others, order);
        return new Outcome(latency, await Memory.OfAsync(system) - before);
    }

    private async Task FloodAsync(MeasuredSystem system, Crowd crowd, int reading)
    {
        crowd.Mark();
        var fed = await system.FeedAsync(flood);
        if (!fed.IsStuck)
        {
            var readers = Enumerable.Range(0, reading);
            await Poll.UntilAsync(() => readers.All(i => crowd.CountOf(i) >= fed.Events), TimeSpan.FromSeconds(10), "not everybody had the flood");
        }
    }

    private sealed record Outcome(LatencyRun Latency, Memory Growth);
}
