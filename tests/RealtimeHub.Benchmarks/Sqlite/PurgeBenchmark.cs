namespace RealtimeHub.Benchmarks.Sqlite;

/// <summary>All deltas of a large log go, while ten writers go on.</summary>
internal static class PurgeBenchmark
{
    private const int Writers = 10;

    private static readonly TimeSpan Before = TimeSpan.FromSeconds(5);

    public static async Task RunAsync(BenchLog log, Filler filler)
    {
        Console.WriteLine();
        Console.WriteLine($"Purge of the stream lane of {filler.Events:#,0} events beside {Writers} writers:");
        Console.WriteLine();
        Console.WriteLine("| | Appends/s | p50 ms | p99 ms | p99.9 ms | longest ms |");
        Console.WriteLine("| :-- | --: | --: | --: | --: | --: |");
        Print("before", await WriterBenchmark.AppendAsync(log, Writers, Before), Before.TotalSeconds);

        using var stop = new CancellationTokenSource();
        var (bytes, start) = (log.FileBytes, Latencies.Now);
        var appending = WriterBenchmark.AppendAsync(log, Writers, stop.Token);
        var purged = await log.Log.PurgeStreamLaneAsync(long.MaxValue, CancellationToken.None);
        var seconds = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        var after = log.FileBytes;
        await stop.CancelAsync();
        Print("during", await appending, seconds);
        Print("after", await WriterBenchmark.AppendAsync(log, Writers, Before), Before.TotalSeconds);

        Console.WriteLine();
        Console.WriteLine($"{purged:#,0} events removed in {seconds:0.0} s, {purged / seconds:#,0} a second.");
        var beforeFill = log.FileBytes;
        await filler.FillAsync(log.Log, filler.Events + (filler.Events / 10));
        Console.WriteLine($"File: {bytes >> 20} MiB when it began, {after >> 20} MiB when it was done; a tenth more events made {beforeFill >> 20} MiB {log.FileBytes >> 20} MiB.");
    }

    private static void Print(string when, Latencies taken, double seconds) => Console.WriteLine(
        $"| {when} | {taken.Count / seconds:#,0} | {taken.At(0.5):0.00} | {taken.At(0.99):0.00} | {taken.At(0.999):0.00} | {taken.At(1):0.0} |");
}
