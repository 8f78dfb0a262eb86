namespace RealtimeHub.Benchmarks.Sqlite;

/// <summary>What the disk itself takes: the floor under every durable append.</summary>
internal static class Disk
{
    public static async Task<Latencies> SyncAsync(string parent)
    {
        var file = Path.Combine(parent, Path.GetRandomFileName());
        var taken = new Latencies();
        await using (var stream = new FileStream(file, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose))
        {
            var page = new byte[4096];
            for (var i = 0; i < 500; i++)
            {
                var start = Latencies.Now;
                stream.Write(page);
                stream.Flush(flushToDisk: true);
                taken.Since(start);
            }
        }

        return taken;
    }
}
