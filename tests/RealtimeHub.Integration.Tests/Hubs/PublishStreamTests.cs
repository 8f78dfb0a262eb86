using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using RealtimeHub.Contracts;
using RealtimeHub.Integration.Tests.Server;
using RealtimeHub.Specification;

namespace RealtimeHub.Integration.Tests.Hubs;

/// <summary>Streams of events from a client.</summary>
public sealed class PublishStreamTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    public static TheoryData<HubProtocol> Protocols => [HubProtocol.Json, HubProtocol.MessagePack];

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Publish_ManyDeltas_AreAllStoredInOrder(HubProtocol protocol)
    {
        var (stage, run) = await StartAsync();
        await using var hub = await stage.Wren.ConnectAsync(HubPaths.Agent, protocol);

        var reply = await hub.PublishStreamAsync(Stage.Talk, "writer", Enumerable.Range(0, 2_000).Select(i => (JsonNode?)Delta(run, i)).ToAsyncEnumerable());

        var stored = (await stage.Mia.HistoryAsync(Stage.Talk)).Where(e => Stage.TypeOf(e) == EventTypes.MessageDelta).ToList();
        stored.Select(e => (string)e["id"]!).Should().Equal(Enumerable.Range(0, 2_000).Select(i => $"d-{i}"));
        ((int?)reply["value"]!["stored"], (long?)reply["value"]!["lastSeq"], (long?)reply["seq"])
            .Should().Be((2_000, Stage.SequenceOf(stored[^1]), Stage.SequenceOf(stored[^1])));
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Publish_Slowly_IsSeenAsItComes(HubProtocol protocol)
    {
        var (stage, run) = await StartAsync();
        await using var hub = await stage.Wren.ConnectAsync(HubPaths.Agent, protocol);
        await using var watcher = await stage.Mia.ConnectAsync(HubPaths.Events, protocol);
        await watcher.SubscribeAsync(Stage.Talk);
        var events = Channel.CreateUnbounded<JsonNode?>();
        var reply = hub.PublishStreamAsync(Stage.Talk, "writer", events.Reader.ReadAllAsync(TestContext.Current.CancellationToken));

        for (var i = 0; i < 5; i++)
        {
            await events.Writer.WriteAsync(Delta(run, i), TestContext.Current.CancellationToken);
            await watcher.Received.EventAsync(Stage.Talk, e => (string?)e["id"] == $"d-{i}");
            await hub.OkAsync("Unsubscribe", Json.Object("""{ "topics": [] }""")); // a stream does not keep other calls waiting
        }

        reply.IsCompleted.Should().BeFalse();
        events.Writer.Complete();
        ((int?)(await Deadline.Within(reply))["value"]!["stored"]).Should().Be(5);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Publish_OneIsWrong_TellsWhatIsStored(HubProtocol protocol)
    {
        var (stage, run) = await StartAsync();
        await using var hub = await stage.Wren.ConnectAsync(HubPaths.Agent, protocol);
        await using var watcher = await stage.Mia.ConnectAsync(HubPaths.Events, protocol);
        await watcher.SubscribeAsync(Stage.Talk);
        (JsonNode? Wrong, string Code, string? Member)[] mistakes =
        [
            (Stage.Event(run, "message.delta", """{ "messageId": "none", "text": "x" }"""), "not_found", null),
            (Stage.Event(run, "message.eaten", "{}"), "invalid_request", "type"),
            (Json.Object("""{ "type": 5 }"""), "invalid_request", "type"),
            (JsonValue.Create("text"), "invalid_request", ""),
            (null, "invalid_request", ""),
        ];
        var before = 0;
        foreach (var (wrong, code, member) in mistakes)
        {
            var good = Enumerable.Range(before, 3).Select(i => (JsonNode?)Delta(run, i)).ToList();
            before += 3;

            // The good ones are stored before the wrong one goes out: a batch is stored whole or not at all.
            async IAsyncEnumerable<JsonNode?> SendAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
            {
                foreach (var e in good)
                {
                    yield return e!.DeepClone();
                }

                await watcher.Received.EventAsync(Stage.Talk, e => (string?)e["id"] == (string?)good[^1]!["id"]);
                yield return wrong;
                yield return Delta(run, 1_000);
            }

            var reply = await Deadline.Within(hub.PublishStreamAsync(Stage.Talk, "writer", SendAsync(TestContext.Current.CancellationToken)));

            var error = reply["error"]!;
            var stored = (await stage.Mia.HistoryAsync(Stage.Talk)).Where(e => Stage.TypeOf(e) == EventTypes.MessageDelta).ToList();
            ((string?)error["code"]).Should().Be(code);
            ((string?)error["message"]).Should().StartWith("events[3]");
            ((int?)error["details"]!["stored"], (long?)error["details"]!["lastSeq"]).Should().Be((3, Stage.SequenceOf(stored[^1])));
            stored.Should().HaveCount(before);
            if (member is not null)
            {
                error["errors"]!.AsObject().Select(e => e.Key).Should().Contain(member.Length == 0 ? "events[3]" : $"events[3].{member}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Publish_ClientGivesUp_WhatCameIsStoredAndTold(HubProtocol protocol)
    {
        var (stage, run) = await StartAsync();
        await using var hub = await stage.Wren.ConnectAsync(HubPaths.Agent, protocol);

        async IAsyncEnumerable<JsonNode?> SendAsync()
        {
            yield return Delta(run, 0);
            yield return Delta(run, 1);
            await Task.Yield();
            throw new InvalidOperationException("The model is gone.");
        }

        var reply = await Deadline.Within(hub.PublishStreamAsync(Stage.Talk, "writer", SendAsync()));

        ((bool?)reply["ok"], (int?)reply["value"]!["stored"]).Should().Be((true, 2));
    }

    [Fact]
    public async Task Publish_SameIdsAgain_AreAcknowledgedAndStoredOnce()
    {
        var (stage, run) = await StartAsync();
        await using var hub = await stage.Wren.ConnectAsync(HubPaths.Agent);
        JsonNode?[] events = [Delta(run, 0), Delta(run, 1), Stage.Event(run, "message.completed", """{ "messageId": "m", "text": "01" }""", "done")];
        var first = await hub.PublishStreamAsync(Stage.Talk, "writer", events.ToAsyncEnumerable());

        var again = await hub.PublishStreamAsync(Stage.Talk, "writer", events.ToAsyncEnumerable());

        again.ToJsonString().Should().Be(first.ToJsonString());
        (await stage.Mia.HistoryAsync(Stage.Talk)).Count(e => (string?)e["id"] == "done").Should().Be(1);
    }

    [Fact]
    public async Task Publish_SameIdsAgainAndAWrongOne_CountsWhatIsStored()
    {
        var (stage, run) = await StartAsync();
        await using var hub = await stage.Wren.ConnectAsync(HubPaths.Agent, HubProtocol.Json);
        JsonNode?[] good = [Delta(run, 0), Delta(run, 1)];
        await hub.PublishStreamAsync(Stage.Talk, "writer", good.ToAsyncEnumerable());

        // Whether they come as one batch or as several.
        JsonNode?[] events = [Delta(run, 0), Delta(run, 1), Stage.Event(run, "message.delta", """{ "messageId": "none", "text": "x" }""")];
        var reply = await hub.PublishStreamAsync(Stage.Talk, "writer", events.ToAsyncEnumerable());

        var last = (await stage.Mia.HistoryAsync(Stage.Talk)).Last(e => Stage.TypeOf(e) == EventTypes.MessageDelta);
        var details = reply["error"]!["details"]!;
        ((int?)details["index"], (int?)details["stored"], (long?)details["lastSeq"]).Should().Be((2, 2, Stage.SequenceOf(last)));
    }

    [Fact]
    public async Task Publish_ConnectionIsLost_WhatCameIsStored()
    {
        var (stage, run) = await StartAsync();
        await using var watcher = await stage.Mia.ConnectAsync(HubPaths.Events);
        await watcher.SubscribeAsync(Stage.Talk);
        var hub = await stage.Wren.ConnectAsync(HubPaths.Agent);
        var events = Channel.CreateUnbounded<JsonNode?>();
        var reply = hub.PublishStreamAsync(Stage.Talk, "writer", events.Reader.ReadAllAsync(TestContext.Current.CancellationToken));
        await events.Writer.WriteAsync(Delta(run, 0), TestContext.Current.CancellationToken);
        await watcher.Received.EventAsync(Stage.Talk, e => (string?)e["id"] == "d-0");

        await hub.DisposeAsync();
        events.Writer.Complete();

        await reply.Invoking(r => Deadline.Within(r)).Should().ThrowAsync<Exception>();
        await using var back = await stage.Wren.ConnectAsync(HubPaths.Agent);
        var again = await back.PublishStreamAsync(Stage.Talk, "writer", new JsonNode?[] { Delta(run, 0), Delta(run, 1) }.ToAsyncEnumerable());
        ((int?)again["value"]!["stored"]).Should().Be(2);
        server.Errors.Entries.Should().BeEmpty();
    }

    [Fact]
    public async Task Publish_ServerStops_TheReplyComesFirst()
    {
        await using var stopping = new ServerFixture();
        await stopping.StartAsync();
        var (stage, run) = await StartAsync(stopping);
        await using var watcher = await stage.Mia.ConnectAsync(HubPaths.Events);
        await watcher.SubscribeAsync(Stage.Talk);
        await using var hub = await stage.Wren.ConnectAsync(HubPaths.Agent);
        var events = Channel.CreateUnbounded<JsonNode?>();
        var reply = hub.PublishStreamAsync(Stage.Talk, "writer", events.Reader.ReadAllAsync(TestContext.Current.CancellationToken));
        await events.Writer.WriteAsync(Delta(run, 0), TestContext.Current.CancellationToken);
        await watcher.Received.EventAsync(Stage.Talk, e => (string?)e["id"] == "d-0");

        var stopped = stopping.StopAsync();

        ((int?)(await Deadline.Within(reply))["value"]!["stored"]).Should().Be(1);
        var closing = await watcher.Received.PushAsync(p => p.Method == "Closing");
        ((string?)closing.Message["code"], (bool?)closing.Message["reconnect"]).Should().Be(("draining", true));
        await stopped;
        stopping.Errors.Entries.Should().BeEmpty();
    }

    private static JsonObject Delta(string run, int number) =>
        Stage.Event(run, "message.delta", """{ "messageId": "m", "text": "x" }""", $"d-{number}");

    private async Task<(Stage Stage, string Run)> StartAsync(ServerFixture? at = null)
    {
        var stage = await Stage.SetAsync(at ?? server);
        var run = await stage.StartRunAsync();
        await stage.PublishAsync(Stage.Event(run, "message.started", """{ "messageId": "m", "role": "assistant" }"""));
        return (stage, run);
    }
}
