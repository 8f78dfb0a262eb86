using System.Globalization;

namespace RealtimeHub.Benchmarks.Sqlite;

/// <summary>The embedded log: durable appends, how it stands a million events, and a purge beside writers. Prints Markdown.</summary>
internal static class SqliteBenchmark
{
    private static readonly int[] Sizes = [10_000, 100_000, 1_000_000];

    /// <summary>Runs all of it, in a folder that is removed afterwards.</summary>
    /// <param name="args"><c>--events N</c>: how many events the largest log has (1,000,000); <c>--path FOLDER</c>: on which disk.</param>
    public static async Task<int> RunAsync(string[] args)
    {
        var most = int.Parse(Option(args, "--events") ?? "1000000", CultureInfo.InvariantCulture);
        var parent = Option(args, "--path") ?? Path.GetTempPath();
        Console.WriteLine($"SQLite log, {Environment.ProcessorCount} processors, {Environment.OSVersion}, .NET {Environment.Version}");
        Console.WriteLine($"One 4 KiB write and fsync on this disk: {await Disk.SyncAsync(parent)}");
        await WriterBenchmark.RunAsync(parent);

        await using var log = new BenchLog(parent);
        var filler = new Filler();
        await GrowthBenchmark.RunAsync(log, filler, [.. Sizes.Where(size => size < most), most]);
        await PurgeBenchmark.RunAsync(log, filler);
        return 0;
    }

    private static string? Option(string[] args, string name) =>
        Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;
}
