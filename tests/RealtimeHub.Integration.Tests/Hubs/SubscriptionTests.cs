using System.Text.Json.Nodes;
using RealtimeHub.Contracts;
using RealtimeHub.Integration.Tests.Server;

namespace RealtimeHub.Integration.Tests.Hubs;

/// <summary>Subscriptions over real sockets.</summary>
public sealed class SubscriptionTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    public static TheoryData<HubProtocol> Protocols => [HubProtocol.Json, HubProtocol.MessagePack];

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Subscribe_FromLatest_GetsWhatComesNext(HubProtocol protocol)
    {
        var stage = await Stage.SetAsync(server);
        await using var hub = await stage.Mia.ConnectAsync(HubPaths.Events, protocol);

        var outcome = await hub.SubscribeAsync(Stage.Talk, "latest", reference: "r");
        var said = await stage.SayAsync("One");

        ((string?)outcome["status"]).Should().Be("ok");
        ((string?)outcome["ref"]).Should().Be("r");
        ((string?)outcome["cursor"]).Should().NotBeNullOrEmpty();
        await hub.Received.EventAsync(Stage.Talk, e => Stage.SequenceOf(e) == said);
        hub.Received.EventsOf(Stage.Talk).Select(Stage.TypeOf).Should().Equal("message.created");
        hub.Received.All.Should().OnlyContain(p => p.Method == "Events");
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Subscribe_FromEarliest_GetsEverythingAsHistoryHasIt(HubProtocol protocol)
    {
        var stage = await Stage.SetAsync(server);
        await stage.SayAsync("Zero \u2028 \"ü\" 👋");
        await using var hub = await stage.Mia.ConnectAsync(HubPaths.Events, protocol);

        await hub.SubscribeAsync(Stage.Talk, "earliest");
        var said = await stage.SayAsync("One");

        await hub.Received.EventAsync(Stage.Talk, e => Stage.SequenceOf(e) == said);
        Texts(hub.Received.EventsOf(Stage.Talk)).Should().Equal(Texts(await stage.Mia.HistoryAsync(Stage.Talk)));
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Subscribe_FromSnapshot_GetsTheStateAndThenWhatFollows(HubProtocol protocol)
    {
        var stage = await Stage.SetAsync(server);
        await stage.SayAsync("Zero");
        await using var hub = await stage.Mia.ConnectAsync(HubPaths.Events, protocol);

        await hub.SubscribeAsync(Stage.Talk, "snapshot", reference: "r");
        var said = await stage.SayAsync("One");

        await hub.Received.EventAsync(Stage.Talk, e => Stage.SequenceOf(e) == said);
        var first = hub.Received.All[0];
        first.Method.Should().Be("Snapshot");
        ((string?)first.Message["ref"]).Should().Be("r");
        ((string?)first.Message["state"]!["messages"]![0]!["text"]).Should().Be("Zero");
        hub.Received.EventsOf(Stage.Talk).Should().ContainSingle();
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Subscribe_WithTheCursorOfAnEarlierConnection_GetsExactlyWhatWasMissed(HubProtocol protocol)
    {
        var stage = await Stage.SetAsync(server);
        var run = await stage.StartRunAsync();
        string cursor;
        List<string> seen;
        await using (var hub = await stage.Mia.ConnectAsync(HubPaths.Events, protocol))
        {
            await hub.SubscribeAsync(Stage.Talk, "earliest");
            await stage.PublishAsync(Stage.Event(run, "message.started", """{ "messageId": "m", "role": "assistant" }"""));
            await stage.PublishAsync(Stage.Event(run, "message.delta", """{ "messageId": "m", "text": "a" }"""));
            await hub.Received.EventAsync(Stage.Talk, EventTypes.MessageDelta);
            cursor = (string)hub.Received.All.Last(p => p.Method == "Events").Message["cursor"]!;
            seen = Texts(hub.Received.EventsOf(Stage.Talk));
        }

        await stage.SayAsync("Meanwhile");
        await stage.PublishAsync(Stage.Event(run, "message.delta", """{ "messageId": "m", "text": "b", "offset": 1 }"""));
        await using var next = await stage.Mia.ConnectAsync(HubPaths.Operator, protocol);
        var outcome = await next.SubscribeAsync(Stage.Talk, "cursor", cursor);
        await stage.PublishAsync(Stage.Event(run, "message.delta", """{ "messageId": "m", "text": "c", "offset": 2 }"""));
        await next.Received.EventAsync(Stage.Talk, e => (string?)e["data"]!["text"] == "c");

        ((string?)outcome["status"]).Should().Be("resumed");
        next.Received.All.Should().OnlyContain(p => p.Method == "Events");
        seen.Concat(Texts(next.Received.EventsOf(Stage.Talk))).Should().Equal(Texts(await stage.Mia.HistoryAsync(Stage.Talk)));
    }

    [Fact]
    public async Task Subscribe_WithACursorFromHistory_GoesOnFromThere()
    {
        var stage = await Stage.SetAsync(server);
        await stage.SayAsync("One");
        var page = (await stage.Mia.Api.GetAsync($"/api/v1/topics/{Stage.Talk}/events?limit=1")).Ok();
        await using var hub = await stage.Mia.ConnectAsync(HubPaths.Events);

        await hub.SubscribeAsync(Stage.Talk, "cursor", (string)page["cursor"]!);

        var next = await hub.Received.EventAsync(Stage.Talk, _ => true);
        ((string?)next["data"]!["text"]).Should().Be("One");
    }

    [Fact]
    public async Task Subscribe_WithTheCursorOfAnotherTopic_IsResetWithASnapshot()
    {
        var stage = await Stage.SetAsync(server);
        (await stage.Olga.Api.PostAsync("/api/v1/conversations", Json.Object("""{ "id": "other", "title": "Other" }"""))).Ok();
        var page = (await stage.Olga.Api.GetAsync("/api/v1/topics/conversation:other/events")).Ok();
        await using var hub = await stage.Olga.ConnectAsync(HubPaths.Events);

        var outcome = await hub.SubscribeAsync(Stage.Talk, "cursor", (string)page["cursor"]!);

        ((string?)outcome["status"]).Should().Be("reset");
        (await hub.Received.PushAsync(_ => true)).Method.Should().Be("Snapshot");
    }

    [Fact]
    public async Task Subscribe_Again_ReplacesWithAFence()
    {
        var stage = await Stage.SetAsync(server);
        await using var hub = await stage.Mia.ConnectAsync(HubPaths.Events);
        await hub.SubscribeAsync(Stage.Talk, "latest", reference: "one");

        await hub.SubscribeAsync(Stage.Talk, "snapshot", reference: "two");
        var snapshot = await hub.Received.PushAsync(p => p.Method == "Snapshot");

        ((string?)snapshot.Message["ref"]).Should().Be("two");
        hub.Received.All.Select(p => p.Method).Should().Equal("SubscriptionChanged", "Snapshot");
        var changed = hub.Received.All[0].Message;
        ((string?)changed["status"], (string?)changed["ref"]).Should().Be(("replaced", "two"));
        var said = await stage.SayAsync("Once");
        await hub.Received.EventAsync(Stage.Talk, e => Stage.SequenceOf(e) == said);
        hub.Received.EventsOf(Stage.Talk).Should().ContainSingle();
    }

    [Fact]
    public async Task Unsubscribe_ThenEvents_AreNotSent()
    {
        var stage = await Stage.SetAsync(server);
        await using var hub = await stage.Mia.ConnectAsync(HubPaths.Events);
        await hub.SubscribeAsync(Stage.Talk);

        await using var other = await stage.Olga.ConnectAsync(HubPaths.Events);
        await other.SubscribeAsync(Stage.Talk);
        await hub.OkAsync("Unsubscribe", new JsonObject { ["topics"] = new JsonArray(Stage.Talk, "conversation:never") });
        var unheard = await stage.SayAsync("Unheard");
        await other.Received.EventAsync(Stage.Talk, e => Stage.SequenceOf(e) == unheard); // what comes next begins where delivery is
        await hub.SubscribeAsync(Stage.Talk);
        var said = await stage.SayAsync("Heard");

        await hub.Received.EventAsync(Stage.Talk, e => Stage.SequenceOf(e) == said);
        hub.Received.EventsOf(Stage.Talk).Should().ContainSingle();
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task RemoveParticipant_WhileSubscribed_EndsWithTheEventAndRevoked(HubProtocol protocol)
    {
        var stage = await Stage.SetAsync(server);
        await using var hub = await stage.Mia.ConnectAsync(HubPaths.Events, protocol);
        await using var other = await stage.Olga.ConnectAsync(HubPaths.Operator, protocol);
        await hub.SubscribeAsync(Stage.Talk, reference: "r");
        await hub.SubscribeAsync("user:mia");
        await other.SubscribeAsync(Stage.Talk);

        await other.OkAsync("RemoveParticipant", Json.Object("""{ "conversationId": "talk", "participant": { "kind": "user", "id": "mia" } }"""));
        var said = await stage.SayAsync("Behind her back");
        await other.Received.EventAsync(Stage.Talk, e => Stage.SequenceOf(e) == said);
        var revoked = await hub.Received.PushAsync(p => p.Method == "SubscriptionChanged");

        ((string?)revoked.Message["status"], (string?)revoked.Message["ref"], revoked.Topic).Should().Be(("revoked", "r", Stage.Talk));
        ((string?)revoked.Message["reason"]).Should().NotBeNullOrEmpty();
        ((string?)(await hub.SubscribeAsync(Stage.Talk))["status"]).Should().Be("not_found");
        hub.Received.EventsOf(Stage.Talk).Select(Stage.TypeOf).Should().Equal("participant.left");
        hub.Received.All[^1].Should().Be(revoked);
        (await stage.Mia.Api.GetAsync($"/api/v1/topics/{Stage.Talk}/events")).Problem(404, "not_found");
    }

    [Fact]
    public async Task RunEnds_WhileItsAgentIsSubscribed_TheAgentSeesTheConversationNoMore()
    {
        var stage = await Stage.SetAsync(server);
        var run = await stage.StartRunAsync();
        await using var hub = await stage.Wren.ConnectAsync(HubPaths.Agent);
        ((string?)(await hub.SubscribeAsync(Stage.Talk))["status"]).Should().Be("ok");

        await hub.OkAsync("PublishEvents", new JsonObject
        {
            ["topic"] = Stage.Talk,
            ["events"] = new JsonArray(Stage.Event(run, "run.completed", $$"""{ "runId": "{{run}}" }""")),
        });

        await hub.Received.PushAsync(p => p.Method == "SubscriptionChanged" && (string?)p.Message["status"] == "revoked");
        hub.Received.EventsOf(Stage.Talk).Select(Stage.TypeOf).Should().Equal("run.completed");
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Subscribe_FromAnotherTenant_IsNotFound(HubProtocol protocol)
    {
        var stage = await Stage.SetAsync(server);
        var stranger = await server.SignInAsync(server.NewTenant(), "olga", [.. Scopes.All]);
        var cursor = (string)(await stage.Olga.Api.GetAsync($"/api/v1/topics/{Stage.Talk}/events")).Ok()["cursor"]!;
        await using var hub = await stranger.ConnectAsync(HubPaths.Operator, protocol);

        foreach (var topic in new[] { Stage.Talk, Stage.Writer, $"tenant:{stage.Tenant}" })
        {
            foreach (var (from, given) in new[] { ("latest", null), ("earliest", null), ("snapshot", null), ("cursor", cursor) })
            {
                var outcome = await hub.SubscribeAsync(topic, from, given);
                ((string?)outcome["status"], (string?)outcome["cursor"]).Should().Be(("not_found", null), "{0} from {1}", topic, from);
            }
        }

        await stage.SayAsync("Secret");
        hub.Received.All.Should().BeEmpty();
        (await stranger.Api.GetAsync("/api/v1/conversations")).Ok()["items"]!.AsArray().Should().BeEmpty();
    }

    [Fact]
    public async Task Events_InMessagePackAndJson_AreTheSame()
    {
        var stage = await Stage.SetAsync(server);
        var run = await stage.StartRunAsync();
        await using var json = await stage.Mia.ConnectAsync(HubPaths.Events);
        await using var pack = await stage.Mia.ConnectAsync(HubPaths.Events, HubProtocol.MessagePack);
        await json.SubscribeAsync(Stage.Talk, "snapshot");
        await pack.SubscribeAsync(Stage.Talk, "snapshot");

        await stage.PublishAsync(
            Stage.Event(run, "tool_call.started", """
                { "toolCallId": "t", "name": "n", "arguments": { "i": 9007199254740991, "f": 1.5, "b": [true, null, "\u2028\"\\"], "": {}, "ü": -1 } }
                """),
            Stage.Event(run, "custom.note", """{ "big": 123456789012345678901, "e": 1e3, "zero": 0.0, "deep": [[[[]]]] }"""),
            Stage.Event(run, "run.usage", $$"""{ "runId": "{{run}}", "inputTokens": 1, "outputTokens": 2, "cost": 0.25 }"""));
        await stage.PublishAsync(Stage.Event(run, "run.completed", $$"""{ "runId": "{{run}}" }"""));

        await json.Received.EventAsync(Stage.Talk, EventTypes.RunCompleted);
        await pack.Received.EventAsync(Stage.Talk, EventTypes.RunCompleted);
        var (left, right) = (json.Received.EventsOf(Stage.Talk), pack.Received.EventsOf(Stage.Talk));
        right.Select(Stage.SequenceOf).Should().Equal(left.Select(Stage.SequenceOf));
        foreach (var (l, r) in left.Zip(right))
        {
            Canonical(r).Should().Be(Canonical(l));
        }

        var snapshots = new[] { json, pack }.Select(c => Canonical(c.Received.All.First(p => p.Method == "Snapshot").Message));
        snapshots.Distinct().Should().ContainSingle();
    }

    private static List<string> Texts(IEnumerable<JsonObject> events) => [.. events.Select(e => e.ToJsonString())];

    /// <summary>1000 and 1e3, and 0 and 0.0, are the same number.</summary>
    private static string Canonical(JsonNode? node) => node switch
    {
        null => "null",
        JsonObject map => $"{{{string.Join(',', map.Select(m => $"{m.Key}:{Canonical(m.Value)}"))}}}",
        JsonArray list => $"[{string.Join(',', list.Select(Canonical))}]",
        _ when node.GetValueKind() == System.Text.Json.JsonValueKind.Number => double.Parse(node.ToJsonString()).ToString("R"),
        _ => node.ToJsonString(),
    };
}
