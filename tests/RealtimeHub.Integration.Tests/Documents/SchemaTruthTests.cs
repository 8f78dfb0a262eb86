using System.Text.Json.Nodes;
using RealtimeHub.Contracts;
using RealtimeHub.Integration.Tests.Parity;
using RealtimeHub.Integration.Tests.Server;

namespace RealtimeHub.Integration.Tests.Documents;

/// <summary>What is really on the wire is what the schemas say; and what they say is refused, is refused.</summary>
public sealed class SchemaTruthTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    private static readonly string Golden = Path.Combine(Repository.Root, "tests", "RealtimeHub.Core.Tests", "Golden", "Contracts");

    public static TheoryData<string> Samples => [.. Directory.EnumerateFiles(Golden, "*.json").Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal)];

    public static TheoryData<string> Cases => [.. ParityTable.All.SelectMany(c => c.All).Select(c => c.ToString())];

    [Theory]
    [MemberData(nameof(Samples))]
    public async Task Sample_OfEveryRecord_FitsItsSchema(string name)
    {
        var text = await File.ReadAllTextAsync(Path.Combine(Golden, $"{name}.json"), TestContext.Current.CancellationToken);
        var schema = name.StartsWith("Reply-", StringComparison.Ordinal)
            ? name["Reply-".Length..].Replace("Result", "", StringComparison.Ordinal) + "Reply"
            : name == nameof(Event) ? "CustomEvent" : name;
        foreach (var file in (string[])["requests", "events", "replies", "messages"])
        {
            var document = await ReadAsync(file);
            if (document["$defs"]![schema] is JsonObject found)
            {
                // The samples' data is any JSON: what it would have to be is said elsewhere.
                var value = JsonNode.Parse(text)!;
                foreach (var e in new[] { value }.Concat(value["events"] as JsonArray ?? []).Where(e => e!["data"] is not null && e["seq"] is not null))
                {
                    e!["type"] = "custom.sample";
                }

                (value as JsonObject)?.Remove("state");
                new SchemaCheck(document).Errors(value, found).Where(e => e != "$: lacks state").Should().BeEmpty();
                return;
            }
        }

        Assert.Fail($"No schema is called {schema}.");
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Request_OfEveryParityCase_FitsItsSchemaIfTheServerTakesIt(string name)
    {
        var document = await ReadAsync("requests");
        var c = ParityTable.All.SelectMany(t => t.All).Single(x => x.ToString() == name);

        // What a case fills in later, as $run, is an id then.
        var body = JsonNode.Parse(c.Body.ToJsonString().Replace("$", "", StringComparison.Ordinal));
        var errors = new SchemaCheck(document).Errors(body, document["$defs"]![c.Request]!.AsObject());

        if (c.Code is not ("invalid_request" or "too_large"))
        {
            errors.Should().BeEmpty();
        }
    }

    [Fact]
    public async Task Request_OfTheWrongShape_IsRefusedByItsSchema()
    {
        var document = await ReadAsync("requests");
        var check = new SchemaCheck(document);
        (string Request, string Body)[] wrong =
        [
            ("CreateConversation", "{}"), ("CreateConversation", """{ "title": "" }"""), ("CreateConversation", """{ "title": "x", "id": "a b" }"""),
            ("CreateConversation", """{ "title": "x", "unknown": 1 }"""), ("CreateConversation", """{ "title": null }"""),
            ("SendMessage", """{ "conversationId": "c", "text": 3 }"""), ("Subscribe", """{ "subscriptions": [] }"""),
            ("Subscribe", """{ "subscriptions": [{ "topic": "nothing:x", "from": "latest" }] }"""),
            ("Subscribe", """{ "subscriptions": [{ "topic": "agent:x", "from": "never" }] }"""),
            ("PublishEvents", """{ "topic": "agent:x", "events": [{ "type": "unknown.type", "data": {} }] }"""),
            ("PublishEvents", """{ "topic": "agent:x", "events": [{ "type": "custom.x" }] }"""),
            ("StartRun", """{ "agentId": "x", "input": {}, "timeoutSeconds": 0 }"""),
        ];

        foreach (var (request, body) in wrong)
        {
            check.Errors(JsonNode.Parse(body), document["$defs"]![request]!.AsObject()).Should().NotBeEmpty($"{request} {body}");
        }
    }

    [Fact]
    public async Task Session_OverHubsAndHttp_FitsTheSchemas()
    {
        await using var world = new ParityWorld(server);
        await world.PopulateAsync();
        var messages = await ReadAsync("messages");
        await using var hub = await (await world.PersonAsync("ada")).ConnectAsync(HubPaths.Operator, HubProtocol.Json);
        foreach (var topic in (string[])["conversation:talk", "agent:writer", $"tenant:{world.Tenant}", "user:ada"])
        {
            await FitsAsync("replies", "SubscribeReply", await hub.CallAsync(
                "Subscribe", Json.Object($$"""{ "subscriptions": [{ "topic": "{{topic}}", "from": "snapshot", "ref": "r" }] }""")));
        }

        await FitsAsync("replies", "SendMessageReply", await hub.CallAsync("SendMessage", Json.Object("""{ "conversationId": "talk", "text": "Hi" }""")));
        await FitsAsync("replies", "SendMessageReply", await hub.CallAsync("SendMessage", Json.Object("""{ "conversationId": "talk", "text": "" }""")));
        await WorkAsync(world);
        await hub.Received.EventAsync("conversation:talk", EventTypes.RunCompleted);
        await hub.Received.EventAsync("agent:writer", EventTypes.RunCompleted);

        var pushes = hub.Received.All;
        pushes.Select(p => p.Method).Should().Contain(["Snapshot", "Events"]);
        foreach (var push in pushes)
        {
            new SchemaCheck(messages).Errors(push.Message, messages["$defs"]![$"{push.Method}Message"]!.AsObject()).Should().BeEmpty(push.Message.ToJsonString());
        }

        foreach (var (topic, schema) in ((string, string)[])[
            ("conversation:talk", "ConversationTopicState"), ("agent:writer", "AgentTopicState"), ("user:ada", "UserTopicState"),
            ($"tenant:{world.Tenant}", "TenantTopicState")])
        {
            var state = (await (await world.ApiAsync("ada")).GetAsync($"/api/v1/topics/{topic}/snapshot")).Ok()["state"]!;
            var document = await ReadAsync("states");
            new SchemaCheck(document, strict: true).Errors(state, document["$defs"]![schema]!.AsObject())
                .Should().BeEmpty("the records in Contracts/Snapshots say what a state holds: {0}", state.ToJsonString());
        }
    }

    // A run with one of everything that states show.
    private static async Task WorkAsync(ParityWorld world)
    {
        await world.RequestRunAsync();
        var wren = await world.ApiAsync("wren");
        async Task PublishAsync(string type, string data) => (await wren.PostAsync("/api/v1/topics/conversation:talk/events", Json.Object(
            $$"""{ "events": [{ "type": "{{type}}", "runId": "{{world.Run}}", "data": {{data}} }] }"""))).Ok();

        await PublishAsync("run.started", $$"""{ "runId": "{{world.Run}}", "agentId": "writer" }""");
        await PublishAsync("run.step_started", $$"""{ "runId": "{{world.Run}}", "stepId": "s1", "title": "Look" }""");
        await PublishAsync("reasoning.started", """{ "reasoningId": "t1", "title": "Plan" }""");
        await PublishAsync("reasoning.delta", """{ "reasoningId": "t1", "text": "First", "offset": null }""");
        await PublishAsync("tool_call.started", """{ "toolCallId": "c1", "name": "search" }""");
        await PublishAsync("tool_call.arguments_delta", """{ "toolCallId": "c1", "text": "{", "offset": 0 }""");
        await PublishAsync("message.started", """{ "messageId": "m1", "role": "assistant" }""");
        await PublishAsync("message.delta", """{ "messageId": "m1", "text": "Hel" }""");
        await PublishAsync("custom.note", """{ "free": [1, null, "x"] }""");
        await PublishAsync("run.completed", $$"""{ "runId": "{{world.Run}}", "output": { "done": true }, "usage": { "inputTokens": 1, "outputTokens": 2, "cost": 0.5 } }""");
        await world.RequestRunAsync();
        await PublishAsync("run.started", $$"""{ "runId": "{{world.Run}}", "agentId": "writer" }""");
        await PublishAsync("reasoning.started", """{ "reasoningId": "t2" }""");
        await PublishAsync("tool_call.started", """{ "toolCallId": "c2", "name": "search", "arguments": { "q": "x" } }""");
        await PublishAsync("message.started", """{ "messageId": "m2", "role": "assistant" }""");
    }

    private async Task FitsAsync(string file, string schema, JsonNode value)
    {
        var document = await ReadAsync(file);
        new SchemaCheck(document).Errors(value, document["$defs"]![schema]!.AsObject()).Should().BeEmpty(value.ToJsonString());
    }

    private async Task<JsonNode> ReadAsync(string file) => (await server.Anonymous().GetAsync($"/schemas/v1/{file}.json")).Ok();
}
