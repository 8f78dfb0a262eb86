namespace RealtimeHub.TestServers;

/// <summary>The NATS of a test run: the one that the environment names, else one that this run starts.</summary>
public sealed class SharedNats : IAsyncLifetime
{
    private NatsServer? own;

    /// <summary>Where it listens.</summary>
    public string Url { get; private set; } = "";

    /// <inheritdoc/>
    public async ValueTask InitializeAsync() =>
        Url = ServerProgram.Nats.NamedAddress ?? (own = await NatsServer.StartAsync()).Url;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => own?.DisposeAsync() ?? ValueTask.CompletedTask;
}

/// <summary>The Redis of a test run: the one that the environment names, else one that this run starts.</summary>
public sealed class SharedRedis : IAsyncLifetime
{
    private RedisServer? own;

    /// <summary>Where it listens.</summary>
    public string Address { get; private set; } = "";

    /// <inheritdoc/>
    public async ValueTask InitializeAsync() =>
        Address = ServerProgram.Redis.NamedAddress ?? (own = await RedisServer.StartAsync()).Address;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => own?.DisposeAsync() ?? ValueTask.CompletedTask;
}
