using RealtimeHub.Benchmarks.Running;

namespace RealtimeHub.Benchmarks.Sqlite;

/// <summary>The embedded log: durable appends, how it stands a million events, and a purge beside writers. Prints Markdown.</summary>
internal static class SqliteBenchmark
{
    private static readonly int[] Sizes = [10_000, 100_000, 1_000_000];

    /// <summary>Runs all of it, in a folder that is removed afterwards. <c>--events</c>: how many the largest log has; <c>--path</c>: on which disk.</summary>
    public static async Task RunAsync(Bench bench)
    {
        var most = bench.Arguments.Int("events", 1_000_000);
        var parent = bench.Arguments.Text("path") ?? Path.GetTempPath();
        Console.WriteLine($"One 4 KiB write and fsync on this disk: {await Disk.SyncAsync(parent)}\n");
        await WriterBenchmark.RunAsync(parent);

        await using var log = new BenchLog(parent);
        var filler = new Filler();
        await GrowthBenchmark.RunAsync(log, filler, [.. Sizes.Where(size => size < most), most]);
        await PurgeBenchmark.RunAsync(log, filler);
    }
}
