using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Log;
using RealtimeHub.Integration.Tests.Hubs;
using RealtimeHub.Integration.Tests.Server;

namespace RealtimeHub.Integration.Tests.BadClients;

/// <summary>Clients that subscribe too much.</summary>
[Collection(BadClientsCollection.Name)]
public sealed class ManySubscriptionsTests(BadClientsServer fixture)
{
    private const int Topics = 10_000;
    private const int Limit = 256;

    [Fact]
    public async Task OpensTenThousandSubscriptions_ThoseOverTheLimitAreRefused()
    {
        await using var crowd = await Crowd.GatherAsync(fixture.Server);
        var topics = await MakeConversationsAsync(crowd.Mallory);
        await using var client = await crowd.Mallory.ConnectAsync(HubPaths.Events, HubProtocol.MessagePack);

        var statuses = new List<string>();
        foreach (var some in topics.Chunk(500))
        {
            var value = await client.OkAsync("Subscribe", new JsonObject
            {
                ["subscriptions"] = new JsonArray([.. some.Select(t => new JsonObject { ["topic"] = t, ["from"] = "latest" })]),
            });
            statuses.AddRange(value["subscriptions"]!.AsArray().Select(s => (string)s!["status"]!));
        }

        statuses.Should().Equal([.. Enumerable.Repeat("ok", Limit), .. Enumerable.Repeat("limit", Topics - Limit)]);
        ((string?)(await client.SubscribeAsync(Stage.Talk))["status"]).Should().Be("limit");
        await client.OkAsync("Unsubscribe", new JsonObject { ["topics"] = new JsonArray(topics[0]) });
        ((string?)(await client.SubscribeAsync(Stage.Talk, "earliest"))["status"]).Should().Be("ok");
        await client.Received.EventAsync(Stage.Talk, EventTypes.ConversationCreated);
        await crowd.NoticesNothingAsync();
    }

    [Fact]
    public async Task SubscribesAndUnsubscribesInALoop_GetsWhatItAsksForAndNothingElse()
    {
        await using var crowd = await Crowd.GatherAsync(fixture.Server);
        await using var socket = await RawSocket.ConnectAsync(crowd.Mallory, HubPaths.Operator);
        string? cursor = null;

        for (var i = 0; i < 1_000; i++)
        {
            var from = (i % 4) switch
            {
                0 => "latest",
                1 => "snapshot",
                2 => "earliest",
                _ => "cursor",
            };
            var arguments = from == "cursor" ? $$""", "cursor":"{{cursor}}" """ : "";
            var (subscribed, events) = await CallAsync(
                socket, "Subscribe", $$"""{"subscriptions":[{"topic":"{{Stage.Talk}}","from":"{{from}}"{{arguments}}}]}""");
            var outcome = subscribed["value"]!["subscriptions"]![0]!;
            ((string?)outcome["status"]).Should().Be(from == "cursor" ? "resumed" : "ok");
            cursor = (string)outcome["cursor"]!;

            var (left, more) = await CallAsync(socket, "Unsubscribe", $$"""{"topics":["{{Stage.Talk}}"]}""");
            ((bool?)left["ok"]).Should().BeTrue();
            events.Concat(more).Should().BeInAscendingOrder();
            (await CallAsync(socket, "Unsubscribe", """{"topics":[]}""")).Events.Should().BeEmpty("no event comes after the reply");
        }

        await socket.DisposeAsync();
        await crowd.NoticesNothingAsync();
    }

    /// <summary>Makes them in the log itself: over HTTP it would take longer than the test.</summary>
    private async Task<string[]> MakeConversationsAsync(Person owner)
    {
        var log = fixture.Server.Services.GetRequiredService<IEventLog>();
        var actor = new Subject(SubjectKind.User, owner.User);
        var data = System.Text.Encoding.UTF8.GetBytes(
            $$"""{"title":"One of many","participants":[{"kind":"user","id":"{{owner.User}}","role":"owner"}]}""");
        var topics = Enumerable.Range(0, Topics).Select(i => $"conversation:many-{i}").ToArray();
        foreach (var some in topics.Chunk(500))
        {
            await Task.WhenAll(some.Select(async topic =>
            {
                var body = EventBody.Write("created", EventTypes.ConversationCreated, TimeProvider.System.GetUtcNow(), actor, data);
                await log.AppendAsync(
                    new TopicKey(owner.Tenant, Topic.Parse(topic)), [new NewEvent("created", Lane.State, body)], expectedState: 0,
                    TestContext.Current.CancellationToken);
            }));
        }

        return topics;
    }

    /// <summary>Calls a method; answers its reply, and the sequences of the events that came before it.</summary>
    private static async Task<(JsonNode Reply, List<long> Events)> CallAsync(RawSocket socket, string method, string argument)
    {
        await socket.SendAsync($$"""{"type":1,"invocationId":"1","target":"{{method}}","arguments":[{{argument}}]}""" + "\u001e");
        var events = new List<long>();
        while (true)
        {
            var message = JsonNode.Parse(await socket.ReadAsync() ?? throw new InvalidOperationException("The connection ended."))!.AsObject();
            if ((int?)message["type"] == 3)
            {
                return (message["result"]!, events);
            }

            if ((string?)message["target"] == "Events")
            {
                events.AddRange(message["arguments"]![0]!["events"]!.AsArray().Select(e => (long)e!["seq"]!));
            }
        }
    }
}
