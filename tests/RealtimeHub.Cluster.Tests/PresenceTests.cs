using System.Globalization;
using System.Text.Json.Nodes;
using RealtimeHub.Cluster.Tests.Harness;
using RealtimeHub.Contracts;
using RealtimeHub.Integration.Tests.Server;
using RealtimeHub.TestServers;

namespace RealtimeHub.Cluster.Tests;

/// <summary>Presence of servers that have their events on NATS and their signals on Redis: the deployment of several nodes as it is meant.</summary>
public sealed class PresenceTests : IAsyncLifetime
{
    // A command is answered as if Redis were there, on a loaded machine.
    private static readonly TimeSpan Answer = TimeSpan.FromSeconds(5);

    private RedisServer redis = null!;
    private FaultProxy proxy = null!;
    private ServerCluster cluster = null!;

    public async ValueTask InitializeAsync()
    {
        redis = await RedisServer.StartAsync();
        proxy = new FaultProxy(int.Parse(redis.Address.Split(':')[1], CultureInfo.InvariantCulture));
        cluster = await ServerCluster.StartAsync(2, settings: new Dictionary<string, string>
        {
            ["Redis__Configuration"] = $"127.0.0.1:{proxy.Port}", ["Redis__NodeLease"] = "00:00:03", ["Redis__RefreshEvery"] = "00:00:00.5",
        });
    }

    public async ValueTask DisposeAsync()
    {
        await cluster.DisposeAsync();
        await proxy.DisposeAsync();
        await redis.DisposeAsync();
    }

    [Fact]
    public async Task NodeKilled_WhoWasThereGoesOffline_AndRedisKilled_EventsGoOn()
    {
        var (_, olga) = await cluster.SetStageAsync();
        var mia = (await cluster.SignInAsync("mia")).At(cluster.Nodes[1].Address);
        await using var watching = await olga.ConnectAsync(HubPaths.Operator);
        await watching.SubscribeAsync(ServerCluster.Talk);
        await using var typing = await mia.ConnectAsync(HubPaths.Operator);

        await HearsAsync(watching, typing);

        await cluster.Nodes[1].KillAsync();
        await Until.TrueAsync(() => Task.FromResult(StateOfMia(watching) is "offline"));

        await redis.KillAsync();
        (await olga.Api.PostAsync("/api/v1/conversations/talk/messages", Json.Object("""{ "text": "still here" }"""))).Ok();
        ((string?)(await watching.Received.EventAsync(ServerCluster.Talk, EventTypes.MessageCreated))["data"]!["text"]).Should().Be("still here");
    }

    [Theory]
    [InlineData(Fault.Cut)]
    [InlineData(Fault.Stall)]
    [InlineData(Fault.HalfOpen)]
    public async Task WayToRedisBroken_ConnectionsAndCommandsDoNotNotice_AndPresenceIsBackByItself(Fault fault)
    {
        var (_, olga) = await cluster.SetStageAsync();
        var mia = (await cluster.SignInAsync("mia")).At(cluster.Nodes[1].Address);
        await using var watching = await olga.ConnectAsync(HubPaths.Operator);
        await watching.SubscribeAsync(ServerCluster.Talk);
        await using var typing = await mia.ConnectAsync(HubPaths.Operator);
        await HearsAsync(watching, typing);

        proxy.Break(fault);
        foreach (var text in (string[])["at once", "when it is known to be away"])
        {
            var said = olga.Api.PostAsync("/api/v1/conversations/talk/messages", new JsonObject { ["text"] = text });
            (await said.WaitAsync(Answer, TimeProvider.System, TestContext.Current.CancellationToken)).Ok();
            await using var another = await mia.ConnectAsync(HubPaths.Operator).WaitAsync(Answer, TimeProvider.System, TestContext.Current.CancellationToken);
            await Until.TrueAsync(async () => (string?)(await olga.Api.GetAsync("/api/v1/status")).Ok()["backplane"] is not "ok");
        }

        proxy.Heal();
        await Until.TrueAsync(async () => (string?)(await olga.Api.GetAsync("/api/v1/status")).Ok()["backplane"] is "ok");
        await HearsAsync(watching, typing);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task RedisStopped_SessionsRevokedOnOneNode_EndOnTheOtherWithinASecond(bool isKilled)
    {
        var (ada, _) = await cluster.SetStageAsync();
        await Task.WhenAll(cluster.Nodes.Select(n => MetricIsAsync(n, 1)));
        if (isKilled)
        {
            await redis.KillAsync();
        }
        else
        {
            await redis.PauseAsync();
        }

        await Revocation.EndsOnTheOtherNodeWithinASecondAsync(cluster, ada);

        foreach (var node in cluster.Nodes)
        {
            await Until.TrueAsync(async () => (string?)(await ada.At(node.Address).Api.GetAsync("/api/v1/status")).Ok()["backplane"] is "unavailable");
            await MetricIsAsync(node, 0);
        }
    }

    private static async Task MetricIsAsync(ServerNode node, int isUp)
    {
        using var http = new HttpClient();
        await Until.TrueAsync(async () => (await http.GetStringAsync(new Uri(node.Address, "/metrics"), TestContext.Current.CancellationToken))
            .Split('\n').Any(line => line.StartsWith("realtimehub_backplane_up", StringComparison.Ordinal) && line.Split(' ')[1] == $"{isUp}"));
    }

    // Signals may be lost while nodes join the backplane, so it is said until it is heard.
    private static async Task HearsAsync(HubClient watching, HubClient typing)
    {
        foreach (var state in (string[])["typing", "active"])
        {
            await Until.TrueAsync(async () =>
            {
                await typing.OkAsync("SetPresence", Says("away"));
                await typing.OkAsync("SetPresence", Says(state));
                return StateOfMia(watching) == state;
            });
        }
    }

    private static JsonObject Says(string state) => new() { ["state"] = state, ["topic"] = ServerCluster.Talk };

    private static string? StateOfMia(HubClient client) => client.Received.All
        .Where(p => p.Method == "PresenceChanged" && p.Topic == ServerCluster.Talk)
        .SelectMany(p => p.Message["changes"]!.AsArray())
        .Where(c => (string?)c!["subject"]!["id"] == "mia")
        .Select(c => (string?)c!["state"])
        .LastOrDefault();
}
