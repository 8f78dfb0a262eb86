namespace RealtimeHub.TestServers;

/// <summary>A redis-server that stores nothing.</summary>
public sealed class RedisServer : IAsyncDisposable
{
    private readonly RunningServer server = RunningServer.Create(ServerProgram.Redis, place =>
    [
        "--bind", place.Bind, "--protected-mode", "no", "--port", $"{place.Port}", "--save", "", "--appendonly", "no", "--dir", place.Folder,
        "--loglevel", "warning", "--logfile", "log",
    ]);

    /// <summary>Where it listens, once it is started.</summary>
    public string Address => $"127.0.0.1:{server.Place.Port}";

    /// <summary>Starts one.</summary>
    public static async Task<RedisServer> StartAsync()
    {
        var started = new RedisServer();
        await started.StartAgainAsync();
        return started;
    }

    /// <summary>Starts it, empty.</summary>
    public Task StartAgainAsync() => server.StartAsync();

    /// <inheritdoc cref="RunningServer.KillAsync"/>
    public Task KillAsync() => server.KillAsync();

    /// <inheritdoc cref="RunningServer.PauseAsync"/>
    public Task PauseAsync() => server.PauseAsync();

    /// <inheritdoc cref="RunningServer.ContinueAsync"/>
    public Task ContinueAsync() => server.ContinueAsync();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => server.DisposeAsync();
}
