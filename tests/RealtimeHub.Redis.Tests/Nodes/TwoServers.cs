using System.Text.Json.Nodes;
using RealtimeHub.Contracts;
using RealtimeHub.Integration.Tests.Server;
using RealtimeHub.TestServers;

namespace RealtimeHub.Redis.Tests.Nodes;

/// <summary>Two servers over one Redis. Each has a log of its own, with the same conversation in it: what they share is presence.</summary>
internal sealed class TwoServers : IAsyncDisposable
{
    public const string Talk = "conversation:talk";

    private const string Tenant = "acme";

    private TwoServers(RedisServer redis)
    {
        Redis = redis;
        One = Server();
        Another = Server();
    }

    public RedisServer Redis { get; }

    public ServerFixture One { get; }

    public ServerFixture Another { get; }

    /// <summary>Settings with which nothing takes longer than a test can wait.</summary>
    public IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["Redis:Configuration"] = Redis.Address,
        ["Redis:NodeLease"] = "00:00:02",
        ["Redis:RefreshEvery"] = "00:00:00.4",
        ["Redis:ProbeEvery"] = "00:00:00.05",
        ["Limits:CommandsPerSecond"] = "0",
        ["Presence:Grace"] = "00:00:02",
        ["Presence:SweepPeriod"] = "00:00:00.05",
    };

    public static async Task<TwoServers> StartAsync(bool withRedis = true)
    {
        var redis = new RedisServer();
        if (withRedis)
        {
            await redis.StartAgainAsync();
        }

        var servers = new TwoServers(redis);
        foreach (var server in new[] { servers.One, servers.Another })
        {
            await server.StartAsync();
            await PopulateAsync(server.Address);
            if (withRedis)
            {
                await BackplaneIsAsync(server, "ok");
            }
        }

        return servers;
    }

    /// <summary>The conversation that every node has.</summary>
    public static async Task PopulateAsync(Uri server)
    {
        var olga = await Person.SignInAsync(server, Tenant, "olga", Person.EveryScope, roles: null, agents: null, seconds: null);
        (await olga.Api.PostAsync(
            "/api/v1/conversations", Json.Object("""{ "id": "talk", "title": "Talk", "participants": [{ "kind": "user", "id": "mia" }] }"""))).Ok();
    }

    public static async Task<HubClient> ConnectAsync(Uri server, string user) =>
        await (await Person.SignInAsync(server, Tenant, user, Person.EveryScope, roles: null, agents: null, seconds: null)).ConnectAsync(HubPaths.Operator);

    public static Task<HubClient> ConnectAsync(ServerFixture server, string user) => ConnectAsync(server.Address, user);

    public static async Task<Api> ApiAsync(ServerFixture server, string user) => (await server.SignInAsync(Tenant, user)).Api;

    /// <summary>Waits until the node says so of its backplane.</summary>
    public static async Task BackplaneIsAsync(ServerFixture server, string status)
    {
        var api = await ApiAsync(server, "olga");
        await Eventually.IsAsync(async () => (string?)(await api.GetAsync("/api/v1/status")).Ok()["backplane"] == status);
    }

    public static JsonObject Says(string state, string? topic = Talk) => new() { ["state"] = state, ["topic"] = topic };

    /// <summary>What a client was told of somebody, in order; what was told once more is left out.</summary>
    public static IReadOnlyList<string> StatesOf(HubClient client, string user)
    {
        var states = new List<string>();
        foreach (var change in client.Received.All.Where(p => p.Method == "PresenceChanged" && p.Topic == Talk)
            .SelectMany(p => p.Message["changes"]!.AsArray()).Where(c => (string?)c!["subject"]!["id"] == user))
        {
            var state = (string)change!["state"]!;
            if (states.Count == 0 || states[^1] != state)
            {
                states.Add(state);
            }
        }

        return states;
    }

    /// <summary>Waits until the last thing that a client was told of somebody is this.</summary>
    public static Task SeesAsync(HubClient client, string user, string state) =>
        client.Received.UntilAsync(_ => StatesOf(client, user) is [.., var last] && last == state ? client : null);

    /// <summary>Waits until a client hears what somebody else says, who is active then: its node and theirs have joined the backplane.</summary>
    /// <remarks>Signals may be lost, so it is said until it is heard.</remarks>
    public static async Task HearsAsync(HubClient client, HubClient speaker, string user)
    {
        var before = client.Received.All.Count;
        await Eventually.IsAsync(async () =>
        {
            await speaker.OkAsync("SetPresence", Says("away"));
            await speaker.OkAsync("SetPresence", Says("active"));
            return client.Received.All.Skip(before).Any(p => p.Method == "PresenceChanged" && p.Topic == Talk);
        });

        // When this is heard, all that came before has been.
        await speaker.OkAsync("SetPresence", Says("typing"));
        await SeesAsync(client, user, "typing");
        await speaker.OkAsync("SetPresence", Says("active"));
        await SeesAsync(client, user, "active");
    }

    public async ValueTask DisposeAsync()
    {
        await One.DisposeAsync();
        await Another.DisposeAsync();
        await Redis.DisposeAsync();
    }

    private ServerFixture Server() => new()
    {
        Configure = host =>
        {
            foreach (var (name, value) in Settings)
            {
                host.UseSetting(name, value);
            }
        },
    };
}
