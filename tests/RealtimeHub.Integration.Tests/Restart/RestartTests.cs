using System.Text.Json.Nodes;
using RealtimeHub.Contracts;
using RealtimeHub.Integration.Tests.Hubs;
using RealtimeHub.Integration.Tests.Server;
using RealtimeHub.Specification;

namespace RealtimeHub.Integration.Tests.Restart;

/// <summary>A server that is stopped and started on the same folder.</summary>
public sealed class RestartTests : IAsyncLifetime
{
    private readonly ServerFixture server = new();
    private Stage stage = null!;

    public async ValueTask InitializeAsync()
    {
        await server.StartAsync();
        stage = await Stage.SetAsync(server);
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task Restart_EventsAndSnapshots_AreTheSame()
    {
        var run = await stage.StartRunAsync();
        await stage.PublishAsync(
            Stage.Event(run, "message.started", """{ "messageId": "m", "role": "assistant" }"""),
            Stage.Event(run, "message.delta", """{ "messageId": "m", "text": "Half a 👋" }"""));
        await stage.SayAsync("Grüße");
        var before = await ReadAsync();

        await RestartAsync();

        (await ReadAsync()).Should().Equal(before);
        await stage.PublishAsync(Stage.Event(run, "message.delta", """{ "messageId": "m", "text": "!", "offset": 9 }"""));
    }

    [Theory]
    [InlineData(HubProtocol.Json)]
    [InlineData(HubProtocol.MessagePack)]
    public async Task Restart_Cursor_GetsExactlyWhatWasMissed(HubProtocol protocol)
    {
        string cursor;
        await using (var hub = await stage.Mia.ConnectAsync(HubPaths.Events, protocol))
        {
            await hub.SubscribeAsync(Stage.Talk, "earliest");
            cursor = (string)(await hub.Received.PushAsync(p => p.Method == "Events")).Message["cursor"]!;
        }

        var missed = await stage.SayAsync("Missed");
        await RestartAsync();
        await using var back = await stage.Mia.ConnectAsync(HubPaths.Events, protocol);
        var outcome = await back.SubscribeAsync(Stage.Talk, "cursor", cursor);
        var next = await stage.SayAsync("Next");

        ((string?)outcome["status"]).Should().Be("resumed");
        await back.Received.EventAsync(Stage.Talk, e => Stage.SequenceOf(e) == next);
        back.Received.EventsOf(Stage.Talk).Select(Stage.SequenceOf).Should().Equal(missed, next);
    }

    [Fact]
    public async Task Restart_IdempotencyKey_GetsTheFirstAnswer()
    {
        var body = Json.Object("""{ "text": "Once" }""");
        var first = await stage.Olga.Api.PostAsync("/api/v1/conversations/talk/messages", body, "key");

        await RestartAsync();
        var again = await stage.Olga.Api.PostAsync("/api/v1/conversations/talk/messages", body, "key");
        var other = await stage.Olga.Api.PostAsync("/api/v1/conversations/talk/messages", Json.Object("""{ "text": "Twice" }"""), "key");

        ((string?)again.Ok()["messageId"], again.Sequence).Should().Be(((string?)first.Ok()["messageId"], first.Sequence));
        other.Problem(409, "conflict");
        (await stage.Mia.HistoryAsync(Stage.Talk)).Count(e => Stage.TypeOf(e) == EventTypes.MessageCreated).Should().Be(1);
    }

    [Fact]
    public async Task Restart_PublishedIds_AreAcknowledged()
    {
        var run = await stage.StartRunAsync();
        var body = new JsonObject
        {
            ["events"] = new JsonArray(
                Stage.Event(run, "message.started", """{ "messageId": "m", "role": "assistant" }""", "e-1"),
                Stage.Event(run, "message.delta", """{ "messageId": "m", "text": "a" }""", "e-2")),
        };
        var first = (await stage.Wren.Api.PostAsync($"/api/v1/topics/{Stage.Talk}/events", body)).Ok();

        await RestartAsync();

        (await stage.Wren.Api.PostAsync($"/api/v1/topics/{Stage.Talk}/events", body)).Ok().ToJsonString().Should().Be(first.ToJsonString());
        (await stage.Mia.HistoryAsync(Stage.Talk)).Count(e => (string?)e["id"] is "e-1" or "e-2").Should().Be(2);
    }

    [Fact]
    public async Task Restart_TokenAndLists_AreStillRight()
    {
        for (var i = 0; i < 3; i++)
        {
            (await stage.Olga.Api.PostAsync("/api/v1/conversations", new JsonObject { ["id"] = $"c{i}", ["title"] = $"C{i}" })).Ok();
        }

        await stage.RequestRunAsync(); // which makes the conversation that it is in the newest
        string[] expected = [$"{Stage.Talk} conversation:c2 conversation:c1 conversation:c0", Stage.Talk, "agent:writer"];
        await Deadline.Within(ListedAsync());

        await RestartAsync();

        (await stage.Olga.Api.GetAsync("/api/v1/me")).Ok();
        (await ListsAsync()).Should().Equal(expected);

        // The projector writes entries a moment after their events.
        async Task ListedAsync()
        {
            while (!(await ListsAsync()).SequenceEqual(expected))
            {
                TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            }
        }

        async Task<string[]> ListsAsync() =>
        [
            await ListAsync(stage.Olga, "conversations"), await ListAsync(stage.Mia, "conversations"), await ListAsync(stage.Ada, "agents"),
        ];

        async Task<string> ListAsync(Person person, string list) => string.Join(
            ' ', (await person.Api.GetAsync($"/api/v1/{list}")).Ok()["items"]!.AsArray().Select(i => (string)i!["topic"]!));
    }

    [Fact]
    public async Task Restart_DeadlineOfARunPassed_TheRunIsEnded()
    {
        var run = (string)(await stage.Olga.Api.PostAsync("/api/v1/runs", Json.Object("""
            { "agentId": "writer", "conversationId": "talk", "input": {}, "timeoutSeconds": 1 }
            """))).Ok()["runId"]!;
        await RestartAsync();
        await using var hub = await stage.Mia.ConnectAsync(HubPaths.Events);

        await hub.SubscribeAsync(Stage.Talk, "earliest");

        var failed = await hub.Received.EventAsync(Stage.Talk, EventTypes.RunFailed);
        ((string?)failed["runId"], (string?)failed["data"]!["error"]!["code"]).Should().Be((run, "timeout"));
    }

    private async Task RestartAsync()
    {
        await server.StopAsync();
        server.Errors.Entries.Should().BeEmpty();
        await server.StartAsync();
        stage = stage.At(server.Address);
    }

    /// <summary>Everything that a reader can see of the conversation.</summary>
    private async Task<List<string>> ReadAsync()
    {
        var back = (await stage.Mia.Api.GetAsync($"/api/v1/topics/{Stage.Talk}/events?before=&limit=1000")).Ok();
        var snapshot = (await stage.Mia.Api.GetAsync($"/api/v1/topics/{Stage.Talk}/snapshot")).Ok();
        return [.. (await stage.Mia.HistoryAsync(Stage.Talk)).Select(e => e.ToJsonString()), back.ToJsonString(), snapshot.ToJsonString()];
    }
}
