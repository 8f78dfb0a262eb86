using System.Text.Json.Nodes;
using RealtimeHub.Contracts;
using RealtimeHub.Integration.Tests.Server;

namespace RealtimeHub.Integration.Tests.Hubs;

/// <summary>An agent's runtime at work over its hub, and an operator who watches and steers.</summary>
public sealed class AgentWorkTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    public static TheoryData<HubProtocol> Protocols => [HubProtocol.Json, HubProtocol.MessagePack];

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task StartRun_AgentListens_WorkArrivesAndItsOutputIsSeen(HubProtocol protocol)
    {
        var stage = await Stage.SetAsync(server);
        await using var agent = await stage.Wren.ConnectAsync(HubPaths.Agent, protocol);
        await using var watcher = await stage.Olga.ConnectAsync(HubPaths.Operator, protocol);
        await agent.SubscribeAsync(Stage.Writer);
        await watcher.SubscribeAsync(Stage.Talk);

        var started = await watcher.CallAsync("StartRun", Json.Object("""{ "agentId": "writer", "conversationId": "talk", "input": { "text": "Go" } }"""));
        var run = (string)started["value"]!["runId"]!;
        var work = await agent.Received.EventAsync(Stage.Writer, EventTypes.RunRequested);

        ((string?)started["value"]!["topic"]).Should().Be(Stage.Talk);
        ((string?)work["origin"]!["topic"], (long?)work["origin"]!["seq"]).Should().Be((Stage.Talk, (long?)started["seq"]));
        ((string?)work["runId"]).Should().Be(run);
        ((string?)work["data"]!["input"]!["text"]).Should().Be("Go");

        var reply = await agent.PublishStreamAsync(Stage.Talk, agentId: null, new JsonNode?[]
        {
            Stage.Event(run, "run.started", $$"""{ "runId": "{{run}}", "agentId": "writer" }"""),
            Stage.Event(run, "message.started", """{ "messageId": "m", "role": "assistant" }"""),
            Stage.Event(run, "message.delta", """{ "messageId": "m", "text": "Hel", "offset": 0 }"""),
            Stage.Event(run, "message.delta", """{ "messageId": "m", "text": "lo", "offset": 3 }"""),
            Stage.Event(run, "message.completed", """{ "messageId": "m", "text": "Hello" }"""),
            Stage.Event(run, "run.completed", $$"""{ "runId": "{{run}}" }"""),
        }.ToAsyncEnumerable());

        var end = await watcher.Received.EventAsync(Stage.Talk, EventTypes.RunCompleted);
        ((int?)reply["value"]!["stored"], (long?)reply["value"]!["lastSeq"]).Should().Be((6, Stage.SequenceOf(end)));
        watcher.Received.EventsOf(Stage.Talk).Where(e => Stage.TypeOf(e) != EventTypes.MessageDelta).Select(Stage.TypeOf)
            .Should().Equal("run.requested", "run.started", "message.started", "message.completed", "run.completed");
        await agent.Received.EventAsync(Stage.Writer, EventTypes.RunCompleted);
        agent.Received.EventsOf(Stage.Writer).Select(Stage.TypeOf).Should().Equal("run.requested", "run.started", "run.completed");
        agent.Received.EventsOf(Stage.Writer).Should().OnlyContain(e => (string?)e["origin"]!["topic"] == Stage.Talk);
    }

    [Fact]
    public async Task StartRun_AgentWasAway_FindsItsWorkByItsCursor()
    {
        var stage = await Stage.SetAsync(server);
        string cursor;
        await using (var agent = await stage.Wren.ConnectAsync(HubPaths.Agent))
        {
            cursor = (string)(await agent.SubscribeAsync(Stage.Writer))["cursor"]!;
        }

        var run = await stage.RequestRunAsync();
        await using var back = await stage.Wren.ConnectAsync(HubPaths.Agent);
        ((string?)(await back.SubscribeAsync(Stage.Writer, "cursor", cursor))["status"]).Should().Be("resumed");

        ((string?)(await back.Received.EventAsync(Stage.Writer, EventTypes.RunRequested))["runId"]).Should().Be(run);
        back.Received.EventsOf(Stage.Writer).Should().ContainSingle();
    }

    [Fact]
    public async Task CancelRun_NotStarted_IsCancelledAtOnce()
    {
        var stage = await Stage.SetAsync(server);
        await using var agent = await stage.Wren.ConnectAsync(HubPaths.Agent);
        await using var hub = await stage.Olga.ConnectAsync(HubPaths.Operator);
        await agent.SubscribeAsync(Stage.Writer);
        var run = await stage.RequestRunAsync();

        await hub.OkAsync("CancelRun", new JsonObject { ["topic"] = Stage.Talk, ["runId"] = run, ["reason"] = "changed my mind" });

        var cancelled = await agent.Received.EventAsync(Stage.Writer, EventTypes.RunCancelled);
        ((string?)cancelled["data"]!["reason"]).Should().Be("changed my mind");
        var late = await agent.CallAsync("PublishEvents", Publish(Stage.Event(run, "run.started", $$"""{ "runId": "{{run}}", "agentId": "writer" }""")));
        ((string?)late["error"]!["code"], (string?)late["error"]!["details"]!["status"]).Should().Be(("conflict", "cancelled"));
    }

    [Fact]
    public async Task CancelRun_Started_IsTheAgentsToEnd()
    {
        var stage = await Stage.SetAsync(server);
        await using var agent = await stage.Wren.ConnectAsync(HubPaths.Agent);
        await using var hub = await stage.Olga.ConnectAsync(HubPaths.Operator);
        await agent.SubscribeAsync(Stage.Writer);
        await hub.SubscribeAsync(Stage.Talk);
        var run = await stage.StartRunAsync();
        await stage.PublishAsync(
            Stage.Event(run, "message.started", """{ "messageId": "m", "role": "assistant" }"""),
            Stage.Event(run, "message.delta", """{ "messageId": "m", "text": "Half" }"""));

        await hub.OkAsync("CancelRun", new JsonObject { ["topic"] = Stage.Talk, ["runId"] = run });
        await agent.Received.EventAsync(Stage.Writer, EventTypes.RunCancelRequested);
        await agent.OkAsync("PublishEvents", Publish(Stage.Event(run, "run.cancelled", $$"""{ "runId": "{{run}}" }""")));

        var closed = await hub.Received.EventAsync(Stage.Talk, EventTypes.MessageCompleted);
        ((string?)closed["data"]!["text"], (bool?)closed["data"]!["incomplete"]).Should().Be(("Half", true));
        ((string?)closed["actor"]!["kind"]).Should().Be("system");
        hub.Received.EventsOf(Stage.Talk).Select(Stage.TypeOf).Should().ContainInOrder("run.cancel_requested", "run.cancelled", "message.completed");
    }

    [Fact]
    public async Task SteerRun_Started_ReachesTheAgent()
    {
        var stage = await Stage.SetAsync(server);
        await using var agent = await stage.Wren.ConnectAsync(HubPaths.Agent);
        await using var hub = await stage.Olga.ConnectAsync(HubPaths.Operator);
        await agent.SubscribeAsync(Stage.Writer);
        var run = await stage.StartRunAsync();

        await hub.OkAsync("SteerRun", new JsonObject { ["topic"] = Stage.Talk, ["runId"] = run, ["instruction"] = "shorter" });

        var steered = await agent.Received.EventAsync(Stage.Writer, EventTypes.RunSteered);
        ((string?)steered["data"]!["instruction"], (string?)steered["runId"]).Should().Be(("shorter", run));
    }

    [Fact]
    public async Task Run_ForAnAdmin_IsInTheTenantsView()
    {
        var stage = await Stage.SetAsync(server);
        await using var hub = await stage.Ada.ConnectAsync(HubPaths.Operator);
        var topic = $"tenant:{stage.Tenant}";
        await hub.SubscribeAsync(topic);

        var run = await stage.StartRunAsync();
        await stage.PublishAsync(Stage.Event(run, "run.completed", $$"""{ "runId": "{{run}}" }"""));

        await hub.Received.EventAsync(topic, EventTypes.RunCompleted);
        hub.Received.EventsOf(topic).Where(e => e["runId"] is not null).Select(Stage.TypeOf)
            .Should().Equal("run.requested", "run.started", "run.completed");
    }

    private static JsonObject Publish(params JsonObject[] events) => new() { ["topic"] = Stage.Talk, ["events"] = new JsonArray([.. events]) };
}
