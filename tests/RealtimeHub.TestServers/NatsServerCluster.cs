using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Networks;
using RealtimeHub.Specification;

namespace RealtimeHub.TestServers;

/// <summary>Three nats-servers that keep everything three times.</summary>
public sealed class NatsServerCluster : IAsyncDisposable
{
    private const int Size = 3;

    private readonly INetwork? network;
    private readonly int[] routes = [.. Enumerable.Range(0, Size).Select(_ => LoopbackPort.Free())];
    private readonly List<RunningServer> servers = [];

    private NatsServerCluster(INetwork? network) => this.network = network;

    /// <summary>All of them.</summary>
    public string Url => string.Join(',', servers.Select(s => $"nats://127.0.0.1:{s.Place.Port}"));

    /// <summary>Starts them.</summary>
    public static async Task<NatsServerCluster> StartAsync()
    {
        var isDocker = ServerSources.Of(ServerProgram.NatsForReplicas) == ServerSource.Docker;
        var cluster = new NatsServerCluster(isDocker ? new NetworkBuilder().Build() : null);
        if (cluster.network is not null)
        {
            await cluster.network.CreateAsync(CancellationToken.None);
        }

        for (var i = 0; i < Size; i++)
        {
            cluster.Add(i);
        }

        foreach (var server in cluster.servers)
        {
            await server.StartAsync();
        }

        return cluster;
    }

    /// <summary>What they have said.</summary>
    public string Logs => string.Join('\n', servers.SelectMany(s => File.ReadLines(Path.Combine(s.Place.Folder, "log"))));

    /// <summary>What the server is called in the cluster.</summary>
    public static string NameOf(int server) => $"n{server}";

    /// <summary>Ends it as <c>kill -9</c> does.</summary>
    public Task KillAsync(int server) => servers[server].KillAsync();

    /// <inheritdoc cref="RunningServer.PauseAsync"/>
    public Task PauseAsync(int server) => servers[server].PauseAsync();

    /// <inheritdoc cref="RunningServer.ContinueAsync"/>
    public Task ContinueAsync(int server) => servers[server].ContinueAsync();

    /// <summary>Starts it on what it had stored.</summary>
    public Task StartAgainAsync(int server) => servers[server].StartAsync();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var server in servers)
        {
            await server.DisposeAsync();
        }

        if (network is not null)
        {
            await network.DisposeAsync();
        }
    }

    // Several routes between two servers, that both make at the same moment, leave a cluster now and then that places no stream for minutes.
    private static string WriteConfiguration(ServerPlace place)
    {
        var file = Path.Combine(place.Folder, "cluster.conf");
        File.WriteAllText(file, "cluster { pool_size: -1 }\n");
        return file;
    }

    private void Add(int server) => servers.Add(RunningServer.Create(
        ServerProgram.NatsForReplicas,
        place =>
        [
            .. NatsServer.ArgumentsOf(place), "-c", WriteConfiguration(place), "-n", NameOf(server), "-cluster_name", "tests", "-no_advertise",
            "-cluster", $"nats://{place.Bind}:{routes[server]}", "-routes", string.Join(',', routes.Select((port, i) => $"nats://{HostOf(i)}:{port}")),
        ],
        network is null ? null : new ContainerPlace(network, NameOf(server))));

    private string HostOf(int server) => network is null ? "127.0.0.1" : NameOf(server);
}
