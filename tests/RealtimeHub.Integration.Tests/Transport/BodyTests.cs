using System.Text.Json.Nodes;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;

namespace RealtimeHub.Integration.Tests.Transport;

/// <summary>Over real connections of both protocols: what binds, what does not, and what the caller hears.</summary>
public sealed class BodyTests
{
    private const string NotBound = "is unknown, given twice, or not of its type";

    /// <summary>Method, body, path and reason.</summary>
    public static IEnumerable<(string Method, JsonNode? Body, string Path, string Reason)> Unbindable =>
    [
        ("CreateConversation", null, "$", "must be an object"),
        ("CreateConversation", JsonNode.Parse("[]"), "$", "must be an object"),
        ("CreateConversation", JsonNode.Parse("""[{"title":"t"}]"""), "$", "must be an object"),
        ("CreateConversation", JsonValue.Create("title"), "$", "must be an object"),
        ("CreateConversation", JsonValue.Create(5), "$", "must be an object"),
        ("CreateConversation", JsonNode.Parse("""{"title":"t","colour":"red"}"""), "colour", NotBound),
        ("CreateConversation", JsonNode.Parse("""{"Title":"t"}"""), "Title", NotBound),
        ("CreateConversation", JsonNode.Parse("""{"title":"t","odd name":1}"""), "['odd name']", NotBound),
        ("CreateConversation", JsonNode.Parse("""{"title":5}"""), "title", NotBound),
        ("CreateConversation", JsonNode.Parse("""{"title":null}"""), "title", NotBound),
        ("CreateConversation", JsonNode.Parse("""{"title":{"de":"t"}}"""), "title", NotBound),
        ("CreateConversation", JsonNode.Parse("""{"title":"t","labels":{"a":1}}"""), "labels.a", NotBound),
        ("CreateConversation", JsonNode.Parse("""{"title":"t","labels":[]}"""), "labels", NotBound),
        ("CreateConversation", Participants("""{"kind":"user","id":"u","role":"king"}"""), "participants[0].role", NotBound),
        ("CreateConversation", Participants("""{"kind":0,"id":"u"}"""), "participants[0].kind", NotBound),
        ("CreateConversation", Participants("""{"kind":"user","id":"u"},{"kind":"user","id":true}"""), "participants[1].id", NotBound),
        ("CreateConversation", Trees.Nested(60), "a", NotBound),
        ("CreateConversation", new JsonObject { ["title"] = Trees.Nested(59) }, "title", NotBound),
        ("PublishEvents", Event("data", Trees.Nested(57)), "events[0].data", NotBound),
        ("PublishEvents", Event("time", "yesterday"), "events[0].time", NotBound),
    ];

    [Theory]
    [InlineData("json")]
    [InlineData("messagepack")]
    public async Task Body_ThatDoesNotBind_IsInvalidRequestAndTheConnectionLives(string protocol)
    {
        await using var server = await TransportServer.StartAsync();
        await using var client = await TransportClient.ConnectAsync(server, protocol);

        foreach (var (method, body, path, reason) in Unbindable)
        {
            var reply = await client.InvokeAsync(method, body?.DeepClone());

            Trees.ShouldEqual(reply, new JsonObject
            {
                ["ok"] = false,
                ["error"] = new JsonObject
                {
                    ["code"] = "invalid_request",
                    ["message"] = $"{path}: {reason}",
                    ["errors"] = new JsonObject { [path] = new JsonArray(reason) },
                },
            });
        }

        client.Connection.State.Should().Be(HubConnectionState.Connected);
        client.WasReconnecting.Should().BeFalse();
    }

    [Theory]
    [InlineData("json")]
    [InlineData("messagepack")]
    public async Task Body_ThatBinds_ReachesTheMethod(string protocol)
    {
        await using var server = await TransportServer.StartAsync();
        await using var client = await TransportClient.ConnectAsync(server, protocol);

        var created = await client.InvokeAsync("CreateConversation", JsonNode.Parse(
            """{"title":"Grüße 🎉","labels":{"a":"1"},"participants":[{"kind":"user","id":"u","role":"observer"}]}"""));
        var absent = await client.InvokeAsync("CreateConversation", JsonNode.Parse("{}"));
        var published = await client.InvokeAsync("PublishEvents", Event("time", "2026-11-22T14:00:00.123+01:00"));

        Trees.ShouldEqual(created, JsonNode.Parse(
            """{"ok":true,"value":{"conversationId":"Grüße 🎉/Observer/1"},"seq":9007199254740991}"""));
        Trees.ShouldEqual(absent, JsonNode.Parse("""{"ok":true,"value":{"conversationId":"//"},"seq":9007199254740991}"""));
        Trees.ShouldEqual(published, JsonNode.Parse("""{"ok":true,"value":{"stored":1,"lastSeq":1795352400123}}"""));
    }

    [Theory]
    [InlineData("json")]
    [InlineData("messagepack")]
    public async Task PlainParameters_Bind(string protocol)
    {
        await using var server = await TransportServer.StartAsync();
        await using var client = await TransportClient.ConnectAsync(server, protocol);

        (await client.InvokeAsync("Describe", "text", -5, true))!.GetValue<string>().Should().Be("text -5 True");
        (await client.InvokeAsync("Describe", null, 0, false)).Should().BeNull();
        var illTyped = () => client.InvokeAsync("Describe", 5, "5", null);
        await illTyped.Should().ThrowAsync<HubException>();
        client.Connection.State.Should().Be(HubConnectionState.Connected);
    }

    [Theory]
    [InlineData("json")]
    [InlineData("messagepack")]
    public async Task StreamedRequests_BindAsStrictlyAsInABody(string protocol)
    {
        await using var server = await TransportServer.StartAsync();
        await using var client = await TransportClient.ConnectAsync(server, protocol);

        (await CountAsync(client, """{"type":"custom.a","data":{}}""", """{"type":"custom.bc","data":[1]}""")).Should().Be(17);
        var unknown = () => CountAsync(client, """{"type":"custom.a","data":{},"colour":"red"}""");
        await unknown.Should().ThrowAsync<HubException>();
        client.Connection.State.Should().Be(HubConnectionState.Connected);
    }

    private static Task<int> CountAsync(TransportClient client, params string[] events) =>
        Deadline.For(client.Connection.InvokeAsync<int>("Count", Stream(client, events), TestContext.Current.CancellationToken));

    private static async IAsyncEnumerable<object?> Stream(TransportClient client, string[] events)
    {
        foreach (var e in events)
        {
            await Task.Yield();
            yield return client.Value(JsonNode.Parse(e));
        }
    }

    private static JsonNode? Participants(string participants) => JsonNode.Parse($$"""{"title":"t","participants":[{{participants}}]}""");

    private static JsonObject Event(string member, JsonNode value)
    {
        var e = new JsonObject { ["type"] = "custom.note", ["data"] = new JsonObject(), [member] = value };
        return new JsonObject { ["topic"] = "agent:a", ["events"] = new JsonArray(e) };
    }
}
