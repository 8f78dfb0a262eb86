using RealtimeHub.Benchmarks.Clients;
using RealtimeHub.Benchmarks.Feeding;
using RealtimeHub.Benchmarks.Reporting;
using RealtimeHub.Benchmarks.Running;

namespace RealtimeHub.Benchmarks.Scenarios;

/// <summary>Everybody is dropped at once, misses some events, comes back at once and goes on from a cursor.</summary>
/// <remarks>The bare hub has no cursors: there it is the time to connect and to join the group, and what was missed stays missed.</remarks>
internal static class Storm
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    public static async Task RunAsync(Bench bench, SystemSet set)
    {
        var subscribers = bench.Arguments.Int("subscribers", 1000);
        var missed = bench.Arguments.Int("missed", 100);
        var order = new FeedOrder("storm", 1, 10, Rate: 1000, Most: missed);
        var systems = await bench.StartAllAsync(set.Hubs, set.Nodes);
        foreach (var system in systems)
        {
            await system.PrepareAsync(order.Prefix, order.Topics);
        }

        var results = await Rounds.InterleaveAsync(systems, bench.Rounds, MeasureAsync);
        var table = new Table($"{subscribers:#,0} clients come back{set.Where}, {missed} events missed", "all live after s", "server CPU s", "log pages read");
        foreach (var (system, runs) in results)
        {
            table.Add(
                system.Name, Table.Number(runs.Median(r => r.Seconds)), Table.Number(runs.Median(r => r.ServerCpu)), $"{runs.Max(r => r.LogReads)}");
        }

        Console.WriteLine(table);

        async Task<Outcome> MeasureAsync(MeasuredSystem system)
        {
            var isOurs = system.HasCursors;
            string[] topics = [FeedOrder.TopicName(order.Prefix, 0)];
            string? cursor;
            using (var before = await Crowd.ConnectAsync(bench.Loop, system.Plans(topics, subscribers)))
            {
                await Run.MeasureAsync(bench.Loop, system, before, order);
                using var probe = await Crowd.ConnectAsync(bench.Loop, [system.Plan(topics)]);
                cursor = isOurs ? CursorIn(probe.Clients[0].Answer) : null;
            }

            await system.FeedAsync(order);
            var (reads, cpu, started) = (await system.LogReadsAsync(), system.Usage.CpuSeconds, TimeProvider.System.GetTimestamp());
            using var after = await Crowd.ConnectAsync(
                bench.Loop, system.Plans(topics, subscribers, cursor, turn: 1), atOnce: subscribers);
            await Poll.UntilAsync(() => !isOurs || after.Slowest() >= missed, Deadline, "not everybody had what was missed");
            var outcome = new Outcome(
                TimeProvider.System.GetElapsedTime(started, bench.Loop.LastArrival).TotalSeconds, system.Usage.CpuSeconds - cpu,
                await system.LogReadsAsync() - reads);
            if (isOurs && after.Total() != (long)missed * subscribers)
            {
                throw new InvalidOperationException($"{after.Total()} events were received instead of {missed} by each.");
            }

            await Run.MeasureAsync(bench.Loop, system, after, order); // live, and exact
            return outcome;
        }
    }

    private static string CursorIn(string answer)
    {
        const string Member = "\"cursor\":\"";
        var start = answer.IndexOf(Member, StringComparison.Ordinal) + Member.Length;
        return answer[start..answer.IndexOf('"', start)];
    }

    private sealed record Outcome(double Seconds, double ServerCpu, long LogReads);
}
