using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Projection;
using RealtimeHub.Integration.Tests.Hubs;
using RealtimeHub.Integration.Tests.Server;
using RealtimeHub.Specification;

namespace RealtimeHub.Integration.Tests.Reading;

/// <summary>What clients see of a conversation that <c>Retention__EndedDays</c> removes. The days themselves are other tests' matter.</summary>
public sealed class RemovedTopicTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    [Fact]
    public async Task Remove_ArchivedConversation_IsGoneForEverybodyAndItsIdIsFree()
    {
        var stage = await Stage.SetAsync(server);
        var run = await stage.StartRunAsync();
        await stage.PublishAsync(Stage.Event(run, EventTypes.RunCompleted, $$"""{ "runId": "{{run}}" }"""));
        (await stage.Olga.Api.PostAsync("/api/v1/conversations/talk/archive")).Status.Should().Be(204);
        await using var hub = await stage.Mia.ConnectAsync(HubPaths.Events);
        var cursor = (string)(await hub.SubscribeAsync(Stage.Talk))["cursor"]!;

        await RemoveAsync(new TopicKey(stage.Tenant, Topic.Parse(Stage.Talk)));

        var ended = await hub.Received.PushAsync(p => p.Method == "SubscriptionChanged" && p.Topic == Stage.Talk);
        ((string?)ended.Message["status"], (string?)ended.Message["reason"]).Should().Be(("revoked", "removed"));
        foreach (var path in (string[])[
            "conversations/talk", $"topics/{Stage.Talk}/snapshot", $"topics/{Stage.Talk}/events", $"runs/{run}"])
        {
            (await stage.Olga.Api.GetAsync($"/api/v1/{path}")).Problem(404, "not_found");
        }

        ((string?)(await SubscribeAsync(hub, cursor))["status"]).Should().Be("not_found");
        (await stage.Olga.Api.GetAsync("/api/v1/conversations")).Ok()["items"]!.AsArray().Should().BeEmpty();
        (await stage.Olga.Api.GetAsync("/api/v1/runs")).Ok()["items"]!.AsArray().Should().BeEmpty();

        (await stage.Olga.Api.PostAsync("/api/v1/conversations", Json.Object("""
            { "id": "talk", "title": "Another", "participants": [{ "kind": "user", "id": "mia" }] }
            """))).Status.Should().Be(201);
        (await stage.Mia.Api.GetAsync($"/api/v1/topics/{Stage.Talk}/events?after={cursor}")).Problem(410, "gone");
        ((string?)(await SubscribeAsync(hub, cursor))["status"]).Should().Be("reset");
        var snapshot = await hub.Received.PushAsync(p => p.Method == "Snapshot" && p.Topic == Stage.Talk);
        ((string?)snapshot.Message["state"]!["title"]).Should().Be("Another");
    }

    private static Task<JsonObject> SubscribeAsync(HubClient hub, string cursor) => hub.SubscribeAsync(Stage.Talk, "cursor", cursor);

    // As TopicRetention does when the days are over.
    private async Task RemoveAsync(TopicKey topic)
    {
        var (ended, remover) = (server.Services.GetRequiredService<EndedTopics>(), server.Services.GetRequiredService<TopicRemover>());
        using var deadline = new CancellationTokenSource(Deadline.Length, TimeProvider.System);
        while (true)
        {
            // Found by its list entry, which the projector writes a moment after the event.
            var passed = server.Services.GetRequiredService<Projector>().Position;
            await foreach (var found in ended.FindAsync(TimeProvider.System.GetUtcNow().AddSeconds(1), passed, deadline.Token))
            {
                if (found.Topic == topic)
                {
                    await remover.RemoveAsync(found, deadline.Token);
                    return;
                }
            }

            deadline.Token.ThrowIfCancellationRequested();
        }
    }
}
