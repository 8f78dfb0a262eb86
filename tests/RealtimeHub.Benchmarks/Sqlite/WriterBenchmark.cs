using RealtimeHub.Core.Log;

namespace RealtimeHub.Benchmarks.Sqlite;

/// <summary>Durable appends of one event, each with an expectation, by writers that wait for the answer before the next.</summary>
internal static class WriterBenchmark
{
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(5);

    public static async Task RunAsync(string parent)
    {
        Console.WriteLine();
        Console.WriteLine("| Writers | Appends/s | p50 ms | p99 ms | Transactions/s | Appends in a transaction |");
        Console.WriteLine("| --: | --: | --: | --: | --: | --: |");
        await using var log = new BenchLog(parent);
        await AppendAsync(log, 10, TimeSpan.FromSeconds(2)); // warm
        foreach (var writers in new[] { 1, 10, 100 })
        {
            var (commits, start) = (log.Database.Writer.Commits, Latencies.Now);
            var taken = await AppendAsync(log, writers, Length);
            var seconds = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
            commits = log.Database.Writer.Commits - commits;
            Console.WriteLine(
                $"| {writers} | {taken.Count / seconds:#,0} | {taken.At(0.5):0.00} | {taken.At(0.99):0.00} | {commits / seconds:#,0} | {(double)taken.Count / commits:0.0} |");
        }
    }

    /// <summary>So many writers, each on a topic of its own, until the time is over.</summary>
    public static async Task<Latencies> AppendAsync(BenchLog log, int writers, TimeSpan length)
    {
        using var stop = new CancellationTokenSource(length, TimeProvider.System);
        return await AppendAsync(log, writers, stop.Token);
    }

    /// <summary>So many writers, each on a topic of its own, until they are stopped.</summary>
    public static async Task<Latencies> AppendAsync(BenchLog log, int writers, CancellationToken stop)
    {
        var all = new Latencies();
        foreach (var taken in await Task.WhenAll(Enumerable.Range(0, writers).Select(i => AppendAsync(log.Log, $"writer-{writers}-{i}", stop))))
        {
            all.Add(taken);
        }

        return all;
    }

    private static async Task<Latencies> AppendAsync(IEventLog log, string id, CancellationToken stop)
    {
        await Task.Yield();
        var taken = new Latencies();
        var topic = BenchEvents.Topic(id);
        var last = await log.ReadAsync(topic, new LogRange(1, Lanes: LaneFilter.State, Descending: true), CancellationToken.None);
        var expected = last.Count == 0 ? 0 : last[0].Sequence;
        while (!stop.IsCancellationRequested)
        {
            var e = BenchEvents.Message();
            var start = Latencies.Now;
            var result = await log.AppendAsync(topic, [e], expected, CancellationToken.None);
            taken.Since(start);
            expected = result.Status == AppendStatus.Stored ? result.LastSequence : throw new InvalidOperationException("Nobody else writes here.");
        }

        return taken;
    }
}
