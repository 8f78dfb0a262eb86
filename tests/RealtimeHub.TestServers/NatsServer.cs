namespace RealtimeHub.TestServers;

/// <summary>A nats-server with JetStream.</summary>
public sealed class NatsServer : IAsyncDisposable
{
    private readonly RunningServer server;

    private NatsServer(RunningServer server) => this.server = server;

    /// <summary>Where it listens.</summary>
    public string Url => $"nats://127.0.0.1:{server.Place.Port}";

    /// <param name="files">A folder that the arguments name files of; null: none.</param>
    /// <param name="arguments">What it is told besides where to listen and where to store.</param>
    public static async Task<NatsServer> StartAsync(string? files = null, params string[] arguments)
    {
        var started = RunningServer.Create(ServerProgram.Nats, place => [.. ArgumentsOf(place), .. arguments], files: files);
        await started.StartAsync();
        return new NatsServer(started);
    }

    /// <summary>What every server is told.</summary>
    internal static string[] ArgumentsOf(ServerPlace place) =>
        ["-js", "-sd", DataOf(place), "-a", place.Bind, "-p", $"{place.Port}", "-l", Path.Combine(place.Folder, "log")];

    /// <inheritdoc cref="RunningServer.KillAsync"/>
    public Task KillAsync() => server.KillAsync();

    /// <inheritdoc cref="RunningServer.PauseAsync"/>
    public Task PauseAsync() => server.PauseAsync();

    /// <inheritdoc cref="RunningServer.ContinueAsync"/>
    public Task ContinueAsync() => server.ContinueAsync();

    /// <summary>Starts it again on what it had stored.</summary>
    public Task StartAgainAsync() => server.StartAsync();

    /// <summary>Keeps a copy of what it has stored; while it does not run.</summary>
    public void BackUp() => Copy(DataOf(server.Place), BackupOf(server.Place));

    /// <summary>Has it have stored what the copy has, and nothing else; while it does not run.</summary>
    public void Restore()
    {
        Directory.Delete(DataOf(server.Place), recursive: true);
        Copy(BackupOf(server.Place), DataOf(server.Place));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => server.DisposeAsync();

    private static string DataOf(ServerPlace place) => Path.Combine(place.Folder, "data");

    private static string BackupOf(ServerPlace place) => Path.Combine(place.Folder, "backup");

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }
}
