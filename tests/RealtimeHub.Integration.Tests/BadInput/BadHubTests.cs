using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.SignalR;
using RealtimeHub.Contracts;
using RealtimeHub.Integration.Tests.Hubs;
using RealtimeHub.Integration.Tests.Server;
using RealtimeHub.Specification;

namespace RealtimeHub.Integration.Tests.BadInput;

/// <summary>What is wrong over a hub is refused, and harms nobody else; most of it not even its own connection.</summary>
public sealed class BadHubTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    private const string Talk = "conversation:talk";

    public static TheoryData<HubProtocol> Protocols => [HubProtocol.Json, HubProtocol.MessagePack];

    /// <summary>Hub, method and arguments that SignalR itself turns away.</summary>
    public static TheoryData<string, string, string[], HubProtocol> Uncallable()
    {
        (string, string, string[])[] calls =
        [
            (HubPaths.Operator, "SendMessage", []),
            (HubPaths.Operator, "SendMessage", ["""{ "conversationId": "talk", "text": "a" }""", "{}"]),
            (HubPaths.Operator, "Nothing", ["{}"]),
            (HubPaths.Operator, "OnConnectedAsync", []),
            (HubPaths.Operator, "OnDisconnectedAsync", ["null"]),
            (HubPaths.Operator, "Dispose", []),
            (HubPaths.Operator, "Send", ["{}"]),
            (HubPaths.Operator, "ToString", []),
            (HubPaths.Operator, "PublishEvents", ["""{ "topic": "conversation:talk", "events": [{ "type": "custom.a", "data": {} }] }"""]),
            (HubPaths.Events, "SendMessage", ["""{ "conversationId": "talk", "text": "a" }"""]),
            (HubPaths.Events, "GetHistory", ["""{ "topic": "conversation:talk" }"""]),
            (HubPaths.Agent, "SendMessage", ["""{ "conversationId": "talk", "text": "a" }"""]),
            (HubPaths.Agent, "PublishStream", []),
            (HubPaths.Agent, "PublishStream", ["\"conversation:talk\"", "\"writer\"", "[]"]),
        ];
        var data = new TheoryData<string, string, string[], HubProtocol>();
        foreach (var protocol in Enum.GetValues<HubProtocol>())
        {
            foreach (var (hub, method, arguments) in calls)
            {
                data.Add(hub, method, arguments, protocol);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Uncallable))]
    public async Task Call_WhatIsNoMethod_FailsAndTheConnectionGoesOn(string hub, string method, string[] arguments, HubProtocol protocol)
    {
        await using var bystander = await Bystander.StandByAsync(server);
        await using var client = await bystander.Owner.ConnectAsync(hub, protocol);

        var call = () => client.CallAsync(method, [.. arguments.Select(a => (object?)JsonNode.Parse(a))]);

        (await call.Should().ThrowAsync<HubException>()).Which.Message.Should().NotContain("   at ");
        await StillWorksAsync(client);
        await bystander.NoticesNothingAsync();
    }

    /// <summary>Bodies that stock clients can send in either protocol, and the member that the error names.</summary>
    public static TheoryData<string, string, string, string, HubProtocol> Bodies()
    {
        (string, string, string, string)[] calls =
        [
            ("SendMessage", "null", "invalid_request", "$"),
            ("SendMessage", "[]", "invalid_request", "$"),
            ("SendMessage", "\"text\"", "invalid_request", "$"),
            ("SendMessage", "5", "invalid_request", "$"),
            ("SendMessage", "{}", "invalid_request", "text"),
            ("SendMessage", $$"""{ "conversationId": "talk", "text": {{Nested(58)}} }""", "invalid_request", "text"),
            ("SendMessage", """{ "conversationId": "talk", "text": "a", "colour": "red" }""", "invalid_request", "colour"),
            ("SendMessage", """{ "conversationId": "talk", "text": 5.5 }""", "invalid_request", "text"),
            ("SendMessage", """{ "conversationId": "a b", "text": "a" }""", "invalid_request", "conversationId"),
            ("SendMessage", """{ "ConversationId": "talk", "text": "a" }""", "invalid_request", "ConversationId"),
            ("SendMessage", $$"""{ "conversationId": "talk", "text": "{{new string('x', 40_000)}}" }""", "too_large", "text"),
            ("StartRun", $$"""{ "agentId": "writer", "conversationId": "talk", "input": {{Nested(40)}} }""", "invalid_request", "input"),
            ("StartRun", """{ "agentId": "writer", "conversationId": "talk", "input": 1, "timeoutSeconds": 1.5 }""", "invalid_request", "timeoutSeconds"),
            ("StartRun", """{ "agentId": "writer", "conversationId": "talk", "input": 1, "timeoutSeconds": 5000000000 }""", "invalid_request", "timeoutSeconds"),
            ("Subscribe", """{ "subscriptions": [{ "topic": "talk", "from": "latest" }] }""", "invalid_request", "subscriptions[0].topic"),
            ("Subscribe", """{ "subscriptions": [{ "topic": "conversation:talk", "from": "cursor", "cursor": "here" }] }""", "invalid_request", "subscriptions[0].cursor"),
        ];
        var data = new TheoryData<string, string, string, string, HubProtocol>();
        foreach (var protocol in Enum.GetValues<HubProtocol>())
        {
            foreach (var (method, body, code, member) in calls)
            {
                data.Add(method, body, code, member, protocol);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task Call_BadBody_IsAnErrorWithItsPath(string method, string body, string code, string member, HubProtocol protocol)
    {
        await using var bystander = await Bystander.StandByAsync(server);
        await using var client = await bystander.Owner.ConnectAsync(HubPaths.Operator, protocol);

        var error = (await client.CallAsync(method, JsonNode.Parse(body)))["error"]!;

        ((string?)error["code"]).Should().Be(code);
        error["errors"]!.AsObject().Select(e => e.Key).Should().Contain(member);
        await StillWorksAsync(client);
        await bystander.NoticesNothingAsync();
    }

    [Theory]
    [InlineData("""{ "conversationId": "talk", "text": "a", "text": "b" }""")]
    [InlineData("""{ "conversationId": "talk", "text": "\ud800" }""")]
    [InlineData("""{ "conversationId": "talk", "text": "\udc00" }""")]
    [InlineData("""{ "conversationId": "talk", "text": "a", "\ud800": 1 }""")]
    public async Task Call_BodyThatNoStockClientSends_IsInvalid(string body)
    {
        await using var bystander = await Bystander.StandByAsync(server);
        await using var socket = await RawSocket.ConnectAsync(bystander.Owner, HubPaths.Operator);

        var completion = await socket.CallAsync("SendMessage", body);

        ((string?)completion["result"]?["error"]?["code"]).Should().Be("invalid_request", completion.ToJsonString());
        ((bool?)(await socket.CallAsync("Unsubscribe", """{"topics":[]}"""))["result"]?["ok"]).Should().BeTrue();
        await bystander.NoticesNothingAsync();
    }

    [Theory]
    [InlineData(65)]
    [InlineData(1_000)]
    [InlineData(50_000)]
    public async Task Call_BodyThatIsDeeperThanTheProtocolReads_IsInvalidAndTheConnectionGoesOn(int levels)
    {
        await using var bystander = await Bystander.StandByAsync(server);
        await using var socket = await RawSocket.ConnectAsync(bystander.Owner, HubPaths.Operator);
        var objects = string.Concat(Enumerable.Repeat("{\"a]\\\"\":", levels)) + "1" + new string('}', levels);

        foreach (var (method, body) in new[]
        {
            ("SendMessage", $$"""{ "conversationId": "talk", "text": {{Nested(levels)}} }"""),
            ("SendMessage", $$"""{ "conversationId": "talk", "text": "a", "colour": {{objects}} }"""),
            ("StartRun", $$"""{ "agentId": "writer", "conversationId": "talk", "input": {{objects}} }"""),
        }.Where(c => c.Item2.Length < 100_000))
        {
            var completion = await socket.CallAsync(method, body);
            ((string?)completion["result"]?["error"]?["code"]).Should().Be("invalid_request", completion.ToJsonString());
        }

        ((bool?)(await socket.CallAsync("Unsubscribe", """{"topics":[]}"""))["result"]?["ok"]).Should().BeTrue();
        await bystander.NoticesNothingAsync();
    }

    [Fact]
    public async Task Call_TextOfBrackets_IsKeptAsItIs()
    {
        var stage = await Stage.SetAsync(server);
        await using var socket = await RawSocket.ConnectAsync(stage.Olga, HubPaths.Operator);

        await socket.CallAsync("SendMessage", $$"""{ "conversationId": "talk", "text": "\\\"{{new string('[', 200)}}{ \"{{new string('{', 200)}}" }""");

        ((string?)(await stage.Olga.HistoryAsync(Stage.Talk))[^1]["data"]!["text"])
            .Should().Be($"\\\"{new string('[', 200)}{{ \"{new string('{', 200)}");
    }

    [Theory]
    [InlineData("""{"type":5,"invocationId":"nobody"}""")]
    [InlineData("""{"type":2,"invocationId":"nobody","item":{}}""")]
    [InlineData("""{"type":3,"invocationId":"nobody","result":1}""")]
    [InlineData("""{"type":6}""")]
    [InlineData("""{"type":1,"target":"SendMessage","arguments":[{"text":5}]}""")]
    [InlineData("""{"type":1,"target":"Nothing","arguments":[]}""")]
    [InlineData("""{"type":1,"target":"SendMessage","arguments":[],"headers":{"a":"b"}}""")]
    [InlineData("""{"type":4,"invocationId":"2","target":"SendMessage","arguments":[{}]}""")]
    [InlineData("""{"type":1,"invocationId":"2","target":"PublishStream","streamIds":["1"],"arguments":[5,"writer"]}""")]
    public async Task Send_MessageWithoutASense_TheConnectionGoesOn(string message)
    {
        await using var bystander = await Bystander.StandByAsync(server);
        await using var socket = await RawSocket.ConnectAsync(bystander.Runtime, HubPaths.Agent);

        await socket.SendAsync(message + "\u001e");

        JsonObject completion;
        do
        {
            completion = await socket.CallAsync("Unsubscribe", """{"topics":[]}""");
        }
        while ((string?)completion["invocationId"] != "1");
        ((bool?)completion["result"]?["ok"]).Should().BeTrue();
        await bystander.NoticesNothingAsync();
    }

    [Theory]
    [InlineData("garbage\u001e")]
    [InlineData("{\u001e")]
    [InlineData("[]\u001e")]
    [InlineData("null\u001e")]
    [InlineData("{}\u001e")]
    [InlineData("{\"type\":\"one\"}\u001e")]
    [InlineData("{\"type\":1,\"target\":5,\"arguments\":[]}\u001e")]
    [InlineData("{\"type\":1,\"target\":\"SendMessage\",\"arguments\":{}}\u001e")]
    [InlineData("{\"type\":2,\"item\":1}\u001e")]
    public async Task Send_Garbage_EndsThatConnectionAlone(string garbage)
    {
        await using var bystander = await Bystander.StandByAsync(server);
        await using var socket = await RawSocket.ConnectAsync(bystander.Owner, HubPaths.Operator);

        await socket.SendAsync(garbage);

        await socket.EndAsync();
        await bystander.NoticesNothingAsync();
    }

    [Theory]
    [InlineData("garbage\u001e")]
    [InlineData("{}\u001e")]
    [InlineData("{\"protocol\":\"xml\",\"version\":1}\u001e")]
    [InlineData("{\"protocol\":\"json\",\"version\":99}\u001e")]
    [InlineData("{\"type\":1,\"target\":\"SendMessage\",\"arguments\":[{}]}\u001e")]
    public async Task Send_GarbageAsTheHandshake_EndsThatConnectionAlone(string garbage)
    {
        await using var bystander = await Bystander.StandByAsync(server);
        await using var socket = await RawSocket.OpenAsync(bystander.Owner, HubPaths.Operator);

        await socket.SendAsync(garbage);

        await socket.EndAsync();
        await bystander.NoticesNothingAsync();
    }

    [Fact]
    public async Task Send_GarbageInMessagePack_EndsThatConnectionAlone()
    {
        await using var bystander = await Bystander.StandByAsync(server);
        byte[][] frames =
        [
            [0x05, 0xc1, 0xc1, 0xc1, 0xc1, 0xc1], [0x01, 0x90], [0x03, 0x92, 0x01, 0xc0], [0xff, 0xff, 0xff, 0xff, 0x7f, 0x00],
            [0x06, 0xdd, 0xff, 0xff, 0xff, 0xff, 0x01],
        ];
        foreach (var frame in frames)
        {
            await using var socket = await RawSocket.OpenAsync(bystander.Owner, HubPaths.Operator);
            await socket.SendAsync("""{"protocol":"messagepack","version":1}""" + "\u001e");
            (await socket.ReadAsync()).Should().Be("{}");

            await socket.SendAsync(frame, WebSocketMessageType.Binary);

            await socket.EndAsync();
        }

        await bystander.NoticesNothingAsync();
    }

    [Theory]
    [InlineData(HubPaths.Operator, 131_072, HubProtocol.Json)]
    [InlineData(HubPaths.Operator, 131_072, HubProtocol.MessagePack)]
    [InlineData(HubPaths.Events, 131_072, HubProtocol.Json)]
    [InlineData(HubPaths.Agent, 1_310_720, HubProtocol.Json)]
    [InlineData(HubPaths.Agent, 1_310_720, HubProtocol.MessagePack)]
    public async Task Send_MessageTooLarge_EndsThatConnectionAlone(string hub, int limit, HubProtocol protocol)
    {
        await using var bystander = await Bystander.StandByAsync(server);
        await using var client = await bystander.Owner.ConnectAsync(hub, protocol);
        await using var sibling = await bystander.Owner.ConnectAsync(hub, protocol);

        var almost = await client.CallAsync("Unsubscribe", Sized(limit - 200));
        ((string?)almost["error"]?["code"]).Should().Be("invalid_request");
        var call = () => client.CallAsync("Unsubscribe", Sized(limit + 1));

        await call.Should().ThrowAsync<Exception>();
        await Deadline.Within(client.Closed);
        await StillWorksAsync(sibling);
        await bystander.NoticesNothingAsync();

        static JsonObject Sized(int bytes) => new() { ["topics"] = new JsonArray(new string('x', bytes)) };
    }

    [Fact]
    public async Task Send_HalfAMessage_IsNobodysProblem()
    {
        await using var bystander = await Bystander.StandByAsync(server);
        await using (var socket = await RawSocket.ConnectAsync(bystander.Owner, HubPaths.Operator))
        {
            await socket.SendAsync("""{"type":1,"target":"SendMessage","arguments":[{"conversationId":"talk","te""");
            await socket.SendAsync(Encoding.UTF8.GetBytes("""xt":"a"}"""), WebSocketMessageType.Text);
        }

        await bystander.NoticesNothingAsync();
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Subscribe_MoreThanTheLimit_SaysSoForEachAndTheOthersStay(HubProtocol protocol)
    {
        await using var bystander = await Bystander.StandByAsync(server);
        var owner = await server.SignInAsync(bystander.Owner.Tenant, "busy");
        await using var client = await owner.ConnectAsync(HubPaths.Events, protocol);
        var topics = new List<string>();
        for (var i = 0; i < 258; i++)
        {
            (await owner.Api.PostPatientlyAsync("/api/v1/conversations", Json.Object($$"""{ "id": "c{{i}}", "title": "c" }"""))).Ok();
            topics.Add($"conversation:c{i}");
        }

        var value = await client.OkAsync("Subscribe", new JsonObject
        {
            ["subscriptions"] = new JsonArray([.. topics.Select(t => new JsonObject { ["topic"] = t, ["from"] = "latest" })]),
        });

        value["subscriptions"]!.AsArray().Select(s => (string)s!["status"]!)
            .Should().Equal([.. Enumerable.Repeat("ok", 256), "limit", "limit"]);
        await client.OkAsync("Unsubscribe", Json.Object("""{ "topics": ["conversation:c0"] }"""));
        ((string?)(await client.SubscribeAsync("conversation:c257"))["status"]).Should().Be("ok");
        await bystander.NoticesNothingAsync();
    }

    private static string Nested(int levels) => new string('[', levels) + new string(']', levels);

    private static async Task StillWorksAsync(HubClient client)
    {
        ((string?)(await client.SubscribeAsync(Talk, "snapshot"))["status"]).Should().Be("ok");
        await client.Received.PushAsync(p => p.Method == "Snapshot" && p.Topic == Talk);
    }
}
