using RealtimeHub.Contracts;

namespace RealtimeHub.Integration.Tests.Server;

/// <summary>The server answers on every surface.</summary>
public sealed class ServerFixtureTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    [Fact]
    public async Task Health_Started_IsReady()
    {
        (await server.Anonymous().GetAsync("/healthz/ready")).Status.Should().Be(200);
        (await server.Anonymous().GetAsync("/healthz/live")).Status.Should().Be(200);
    }

    [Theory]
    [InlineData(HubProtocol.Json)]
    [InlineData(HubProtocol.MessagePack)]
    public async Task CreateConversation_OverAHub_IsSeenOverHttpAndOnTheSocket(HubProtocol protocol)
    {
        var ada = await server.SignInAsync(server.NewTenant(), "ada");
        await using var hub = await ada.ConnectAsync(HubPaths.Operator, protocol);

        var made = await hub.OkAsync("CreateConversation", Json.Object("""{ "id": "talk", "title": "Talk" }"""));
        await hub.SubscribeAsync("conversation:talk", "earliest");

        ((string?)made["conversationId"]).Should().Be("talk");
        var seen = await hub.Received.EventAsync("conversation:talk", EventTypes.ConversationCreated);
        (await ada.HistoryAsync("conversation:talk")).Should().ContainSingle().Which.ToJsonString().Should().Be(seen.ToJsonString());
        server.Errors.Entries.Should().BeEmpty();
    }
}
