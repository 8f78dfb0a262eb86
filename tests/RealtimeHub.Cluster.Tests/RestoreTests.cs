using System.Text.Json.Nodes;
using RealtimeHub.Cluster.Tests.Harness;
using RealtimeHub.Contracts;
using RealtimeHub.Integration.Tests.Server;

namespace RealtimeHub.Cluster.Tests;

/// <summary>NATS is restored from a backup below servers that run: what was lost is gone everywhere, and everybody knows.</summary>
public sealed class RestoreTests : IAsyncLifetime
{
    private ServerCluster cluster = null!;

    public async ValueTask InitializeAsync() => cluster = await ServerCluster.StartAsync(2);

    public ValueTask DisposeAsync() => cluster.DisposeAsync();

    [Fact]
    public async Task Restored_SubscriptionsAreReset_AndWhatWasLostIsNowhere()
    {
        var (_, olga) = await cluster.SetStageAsync();
        await SayAsync(olga, "kept");
        await ListedAsync(olga, 1);
        await cluster.Nats.KillAsync();
        cluster.Nats.BackUp();
        await cluster.Nats.StartAgainAsync();
        await ReadyAsync();
        await SayAsync(olga, "lost");
        (await olga.Api.PostAsync("/api/v1/conversations", Json.Object("""{ "id": "lost", "title": "Lost" }"""))).Ok();
        await ListedAsync(olga, 2);
        var there = olga.At(cluster.Nodes[1].Address);
        await using var hub = await there.ConnectAsync(HubPaths.Events);
        var cursor = (string)(await hub.SubscribeAsync(ServerCluster.Talk))["cursor"]!;

        await cluster.Nats.KillAsync();
        cluster.Nats.Restore();
        await cluster.Nats.StartAgainAsync();

        await hub.Received.PushAsync(p => p.Method == "SubscriptionChanged" && (string?)p.Message["status"] == "reset");
        var snapshot = await hub.Received.PushAsync(p => p.Method == "Snapshot");
        snapshot.Message["state"]!["messages"]!.AsArray().Select(m => (string?)m!["text"]).Should().Equal("kept");
        await ReadyAsync();
        await SayAsync(olga, "new");
        ((string?)(await hub.Received.EventAsync(ServerCluster.Talk, "message.created"))["data"]!["text"]).Should().Be("new");
        (await there.HistoryAsync(ServerCluster.Talk)).Where(e => (string?)e["type"] == "message.created")
            .Select(e => (string?)e["data"]!["text"]).Should().Equal("kept", "new");
        (await there.Api.GetAsync($"/api/v1/topics/{ServerCluster.Talk}/events?after={cursor}")).Problem(410, "gone");
        await ListedAsync(olga, 1);
        await ListedAsync(there, 1);
    }

    private Task ReadyAsync() => Task.WhenAll(cluster.Nodes.Select(n => n.ReadyAsync()));

    private static Task SayAsync(Person person, string text) => Until.TrueAsync(async () =>
    {
        var answer = await person.Api.PostAsync("/api/v1/conversations/talk/messages", new JsonObject { ["text"] = text }, key: text);
        return answer.Status == 503 ? false : answer.Ok() is not null; // as the protocol says: it is safe to say it again
    });

    private static Task ListedAsync(Person person, int conversations) => Until.TrueAsync(async () =>
    {
        var answer = await person.Api.GetAsync("/api/v1/conversations");
        return answer.Status == 200 && answer.Ok()["items"]!.AsArray().Count == conversations;
    });
}
