using RealtimeHub.Contracts;
using RealtimeHub.Integration.Tests.Server;
using RealtimeHub.TestServers;

namespace RealtimeHub.Cluster.Tests.Harness;

/// <summary>Servers that share one NATS, and people who know them all.</summary>
internal sealed class ServerCluster : IAsyncDisposable
{
    public const string Tenant = "acme";
    public const string Talk = "conversation:talk";

    private ServerCluster(NatsServer nats, IReadOnlyList<FaultProxy> proxies, IReadOnlyList<ServerNode> nodes) =>
        (Nats, Proxies, Nodes) = (nats, proxies, nodes);

    public NatsServer Nats { get; }

    /// <summary>What stands between each node and NATS, where that was asked for.</summary>
    public IReadOnlyList<FaultProxy> Proxies { get; }

    public IReadOnlyList<ServerNode> Nodes { get; }

    /// <summary>Everything that the nodes have said.</summary>
    public string Output => string.Join("\n---\n", Nodes.Select(n => n.Output));

    /// <param name="nodes">How many servers.</param>
    /// <param name="proxies">Whether each has a way of its own to NATS, that can be broken.</param>
    /// <param name="publicUrl">What clients see each at; null: where it listens.</param>
    /// <param name="settings">What each is told besides.</param>
    public static async Task<ServerCluster> StartAsync(
        int nodes, bool proxies = false, Func<int, string>? publicUrl = null, IReadOnlyDictionary<string, string>? settings = null)
    {
        var nats = await NatsServer.StartAsync();
        FaultProxy[] ways = proxies ? [.. Enumerable.Range(0, nodes).Select(_ => new FaultProxy(new Uri(nats.Url).Port))] : [];
        var cluster = new ServerCluster(nats, ways, [.. Enumerable.Range(0, nodes).Select(i => new ServerNode($"node-{i}", new Dictionary<string, string>(settings ?? new Dictionary<string, string>())
        {
            ["Storage__Provider"] = "Nats",
            ["Node__PublicUrl"] = publicUrl?.Invoke(i) ?? "",
            ["Nats__Url"] = proxies ? $"nats://127.0.0.1:{ways[i].Port}" : nats.Url,
            ["Limits__ConnectionsPerUser"] = "0",
            ["Limits__CommandsPerSecond"] = "0",
            ["Limits__PublishedEventsPerSecond"] = "0",
            ["Limits__HistoryReadsPerSecond"] = "0",
        }))]);
        try
        {
            // Together: what is made once for all is made by whoever is first.
            await Task.WhenAll(cluster.Nodes.Select(n => n.StartAsync()));
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Somebody with a token, at one of the nodes.</summary>
    public Task<Person> SignInAsync(string user, string[]? scopes = null, string[]? agents = null, int node = 0) =>
        Person.SignInAsync(Nodes[node].Address, Tenant, user, scopes ?? Person.EveryScope, roles: null, agents, seconds: null);

    /// <summary>ada, an administrator; and olga, who has a conversation with mia and operates the agent <c>writer</c>.</summary>
    public async Task<(Person Ada, Person Olga)> SetStageAsync()
    {
        var (ada, olga) = (await SignInAsync("ada", [.. Scopes.All]), await SignInAsync("olga"));
        (await ada.Api.PutAsync("/api/v1/agents/writer", Json.Object("""
            { "name": "Writer", "grants": [{ "subject": { "kind": "user", "id": "olga" }, "permission": "operate" }] }
            """))).Ok();
        (await olga.Api.PostAsync("/api/v1/conversations", Json.Object("""
            { "id": "talk", "title": "Talk", "participants": [{ "kind": "user", "id": "mia" }] }
            """))).Ok();
        return (ada, olga);
    }

    /// <summary>Ends everything. What the nodes said goes to the output of a test that failed.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var node in Nodes)
        {
            await node.DisposeAsync();
        }

        if (TestContext.Current.TestState?.Result == TestResult.Failed)
        {
            TestContext.Current.TestOutputHelper?.WriteLine(Output);
        }

        foreach (var proxy in Proxies)
        {
            await proxy.DisposeAsync();
        }

        await Nats.DisposeAsync();
    }
}
