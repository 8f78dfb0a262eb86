using RealtimeHub.Contracts;
using RealtimeHub.Integration.Tests.Server;

namespace RealtimeHub.Integration.Tests.Hubs;

/// <summary>Whoever loses a permission sees the event that took it, and nothing after.</summary>
public sealed class AccessTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    private const string Mia = "/api/v1/topics/agent:writer/access/user/mia/";

    [Theory]
    [InlineData(HubProtocol.Json)]
    [InlineData(HubProtocol.MessagePack)]
    public async Task RevokeAccess_EndsTheSubscriptionWithTheEventThatEndedIt(HubProtocol protocol)
    {
        var stage = await Stage.SetAsync(server);
        await GrantAsync(stage, "view");
        await GrantAsync(stage, "operate");
        await using var hub = await stage.Mia.ConnectAsync(HubPaths.Events, protocol);
        ((string?)(await hub.SubscribeAsync(Stage.Writer))["status"]).Should().Be("ok");

        (await stage.Ada.Api.DeleteAsync(Mia + "operate")).Ok();
        var last = (await stage.Ada.Api.DeleteAsync(Mia + "view")).Sequence;
        await RenameAsync(stage);

        var changed = await hub.Received.PushAsync(p => p.Method == "SubscriptionChanged");
        ((string?)changed.Message["status"], (string?)changed.Message["reason"]).Should().Be(("revoked", "access.revoked"));
        hub.Received.EventsOf(Stage.Writer).Select(e => (string?)e["type"]).Should().Equal("access.revoked", "access.revoked");
        ((long?)hub.Received.EventsOf(Stage.Writer)[^1]["seq"]).Should().Be(last);
        ((string?)(await hub.SubscribeAsync(Stage.Writer))["status"]).Should().Be("not_found");
    }

    [Fact]
    public async Task UpdateAgent_ThatTakesTheGrantAway_EndsTheSubscription()
    {
        var stage = await Stage.SetAsync(server);
        await GrantAsync(stage, "view");
        await using var hub = await stage.Mia.ConnectAsync(HubPaths.Events);
        await hub.SubscribeAsync(Stage.Writer);

        (await stage.Ada.Api.SendAsync(HttpMethod.Patch, "/api/v1/agents/writer", Json.Object("""{ "grants": [] }"""))).Ok();

        ((string?)(await hub.Received.PushAsync(p => p.Method == "SubscriptionChanged")).Message["status"]).Should().Be("revoked");
        ((string?)hub.Received.EventsOf(Stage.Writer).Single()["type"]).Should().Be("agent.updated");
    }

    private static async Task GrantAsync(Stage stage, string permission) => (await stage.Ada.Api.PutAsync(Mia + permission)).Ok();

    private static async Task RenameAsync(Stage stage) =>
        (await stage.Ada.Api.SendAsync(HttpMethod.Patch, "/api/v1/agents/writer", Json.Object("""{ "name": "Poet" }"""))).Ok();
}
