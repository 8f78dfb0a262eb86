using System.Text.Json.Nodes;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;
using RealtimeHub.Cluster.Tests.Harness;
using RealtimeHub.Contracts;
using RealtimeHub.Integration.Tests.Server;

namespace RealtimeHub.Cluster.Tests;

/// <summary>Several nodes are one service.</summary>
public sealed class NodeTests : IAsyncLifetime
{
    private ServerCluster cluster = null!;

    public async ValueTask InitializeAsync() => cluster = await ServerCluster.StartAsync(2);

    public ValueTask DisposeAsync() => cluster.DisposeAsync();

    [Fact]
    public async Task WhatIsDoneOnOneNode_IsSeenOnTheOther_AndRememberedThere()
    {
        var (_, olga) = await cluster.SetStageAsync();
        var there = olga.At(cluster.Nodes[1].Address);
        await using var hub = await there.ConnectAsync(HubPaths.Events);
        await hub.SubscribeAsync(ServerCluster.Talk);

        var said = await olga.Api.PostAsync("/api/v1/conversations/talk/messages", new JsonObject { ["text"] = "Hello" }, key: "once");
        var again = await there.Api.PostAsync("/api/v1/conversations/talk/messages", new JsonObject { ["text"] = "Hello" }, key: "once");

        ((long?)(await hub.Received.EventAsync(ServerCluster.Talk, "message.created"))["seq"]).Should().Be(said.Sequence);
        again.Sequence.Should().Be(said.Sequence);
        again.Body!.ToJsonString().Should().Be(said.Body!.ToJsonString());
        (await there.HistoryAsync(ServerCluster.Talk)).Select(e => (string?)e["type"]).Should().Equal("conversation.created", "message.created");
    }

    [Fact]
    public async Task Participant_RemovedOnOneNode_SeesNothingMoreOnTheOther()
    {
        var (_, olga) = await cluster.SetStageAsync();
        var mia = await cluster.SignInAsync("mia", node: 1);
        await using var hub = await mia.ConnectAsync(HubPaths.Events);
        await hub.SubscribeAsync(ServerCluster.Talk);

        (await olga.Api.DeleteAsync("/api/v1/conversations/talk/participants/user/mia")).Ok();
        await olga.Api.PostAsync("/api/v1/conversations/talk/messages", new JsonObject { ["text"] = "She is gone" });

        var end = await hub.Received.PushAsync(p => p.Method == "SubscriptionChanged");
        ((string?)end.Message["status"]).Should().Be("revoked");
        hub.Received.EventsOf(ServerCluster.Talk).Select(e => (string?)e["type"]).Should().Equal("participant.left");
        (await mia.Api.GetAsync($"/api/v1/topics/{ServerCluster.Talk}/snapshot")).Problem(404, "not_found");
    }

    [Fact]
    public async Task Sessions_RevokedOnOneNode_EndOnTheOtherWithinASecond()
    {
        var (ada, _) = await cluster.SetStageAsync();

        await Revocation.EndsOnTheOtherNodeWithinASecondAsync(cluster, ada);
    }

    [Fact]
    public async Task Lists_OnBothNodes_ShowWhatEitherMade()
    {
        var (_, olga) = await cluster.SetStageAsync();
        var there = olga.At(cluster.Nodes[1].Address);
        await there.Api.PostAsync("/api/v1/conversations", Json.Object("""{ "id": "second", "title": "Second" }"""));

        foreach (var at in (Person[])[olga, there])
        {
            await Until.TrueAsync(async () => (await at.Api.GetAsync("/api/v1/conversations")).Ok()["items"]!.AsArray().Count == 2);
        }
    }

    [Fact]
    public async Task KilledHolder_TheOtherNodeProjectsWithin5Seconds()
    {
        var (_, olga) = await cluster.SetStageAsync();
        await Until.TrueAsync(async () => (await olga.Api.GetAsync("/api/v1/conversations")).Ok()["items"]!.AsArray().Count == 1);
        var holder = cluster.Nodes.Single(n => n.Output.Contains("holds lease.projector", StringComparison.Ordinal));
        var other = cluster.Nodes.Single(n => n != holder);
        var there = olga.At(other.Address);

        await holder.KillAsync();
        (await there.Api.PostAsync("/api/v1/conversations", Json.Object("""{ "id": "second", "title": "Second" }"""))).Ok();

        await Until.TrueAsync(
            async () => (await there.Api.GetAsync("/api/v1/conversations")).Ok()["items"]!.AsArray().Count == 2, TimeSpan.FromSeconds(8)); // and what a request and a projection take
        await Until.TrueAsync(async () => (string?)(await there.Api.GetAsync("/api/v1/status")).Ok()["projector"] == "ok");
    }

    [Fact]
    public async Task StoppedHolder_TheOtherNodeGoesOnAtOnce()
    {
        var (_, olga) = await cluster.SetStageAsync();
        var holder = cluster.Nodes.Single(n => n.Output.Contains("holds lease.projector", StringComparison.Ordinal));
        var there = olga.At(cluster.Nodes.Single(n => n != holder).Address);

        await holder.StopAsync();
        (await there.Api.PostAsync("/api/v1/conversations", Json.Object("""{ "id": "second", "title": "Second" }"""))).Ok();

        await Until.TrueAsync(
            async () => (await there.Api.GetAsync("/api/v1/conversations")).Ok()["items"]!.AsArray().Count == 2, TimeSpan.FromSeconds(3));
    }

    [Fact]
    public async Task Log_IsFollowedOnceByEachNode()
    {
        var (_, olga) = await cluster.SetStageAsync();
        await Until.TrueAsync(async () => (await olga.Api.GetAsync("/api/v1/conversations")).Ok()["items"]!.AsArray().Count == 1);

        await using var connection = new NatsConnection(new NatsOpts { Url = cluster.Nats.Url });
        await Until.TrueAsync(async () => await ConsumersAsync() == cluster.Nodes.Count);

        // Each command is a look into history, too, whose consumer goes with it.
        (await olga.Api.PostAsync("/api/v1/conversations/talk/messages", new JsonObject { ["text"] = "Hello" })).Ok();
        await Until.TrueAsync(async () => await ConsumersAsync() == cluster.Nodes.Count);

        async Task<long> ConsumersAsync() => (await new NatsJSContext(connection).GetStreamAsync("RTH_EVENTS", cancellationToken: TestContext.Current.CancellationToken)).Info.State.ConsumerCount;
    }

    [Fact]
    public async Task Metrics_OnNats_ShowWhatAppendsTook()
    {
        await cluster.SetStageAsync();
        using var http = new HttpClient();

        var text = await http.GetStringAsync(new Uri(cluster.Nodes[0].Address, "/metrics"), TestContext.Current.CancellationToken);

        text.Should().MatchRegex("realtimehub_log_append_duration_seconds_bucket\\{[^}]*le=\"0.25\"[^}]*\\} [1-9]");
    }

    [Fact]
    public async Task AgentOfAKilledNode_IsMissedAfter30Seconds()
    {
        var (_, olga) = await cluster.SetStageAsync();
        var holder = cluster.Nodes.Single(n => n.Output.Contains("holds lease.projector", StringComparison.Ordinal));
        var other = cluster.Nodes.Single(n => n != holder);
        var wren = (await cluster.SignInAsync("wren", [Scopes.EventsPublish], ["writer"])).At(other.Address);
        await using var agent = await wren.ConnectAsync(HubPaths.Agent);
        await agent.OkAsync("PublishEvents", Json.Object("""{ "topic": "agent:writer", "events": [{ "type": "agent.status_changed", "data": { "status": "online" } }] }"""));
        var at = olga.At(holder.Address);
        (await at.Api.PostAsync("/api/v1/runs", Json.Object("""{ "agentId": "writer", "conversationId": "talk", "input": "Go" }"""))).Ok();
        await using var connection = new NatsConnection(new NatsOpts { Url = cluster.Nats.Url });
        await Until.TrueAsync(WasSeenAsync);

        await other.KillAsync();

        await using var hub = await at.ConnectAsync(HubPaths.Events);
        await hub.SubscribeAsync(ServerCluster.Talk, "earliest");
        await Until.TrueAsync(
            () => Task.FromResult(hub.Received.EventsOf(ServerCluster.Talk).Any(e => (string?)e["type"] == "run.stalled")), TimeSpan.FromSeconds(45));

        // An agent that was seen to be connected is kept as a document, so that a restart waits for it.
        async Task<bool> WasSeenAsync()
        {
            var agents = new StreamInfoRequest { SubjectsFilter = "$KV.RTH_DOCUMENTS.hubagent.>" };
            var stream = await new NatsJSContext(connection).GetStreamAsync("KV_RTH_DOCUMENTS", agents, TestContext.Current.CancellationToken);
            return stream.Info.State.Subjects is { Count: > 0 };
        }
    }
}
