using RealtimeHub.Contracts;
using RealtimeHub.Integration.Tests.Hubs;
using RealtimeHub.Integration.Tests.Server;

namespace RealtimeHub.Integration.Tests.Telemetry;

public sealed class StatusTests : IAsyncLifetime
{
    private readonly ServerFixture server = new() { Configure = builder => builder.UseSetting("Node:Name", "north-1") };
    private Stage stage = null!;

    public async ValueTask InitializeAsync()
    {
        await server.StartAsync();
        stage = await Stage.SetAsync(server);
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task Status_ByAnybody_HasNoDetails()
    {
        var status = (await stage.Wren.Api.GetAsync("/api/v1/status")).Ok();

        ((string?)status["node"], (string?)status["log"], (string?)status["tail"], (string?)status["backplane"]).Should().Be(("north-1", "ok", "ok", "none"));
        ((string?)status["version"]).Should().NotBeNullOrEmpty();
        ((long?)status["uptimeSeconds"]).Should().BeGreaterThanOrEqualTo(0);
        status["details"].Should().BeNull();
    }

    [Fact]
    public async Task Status_ByAnAdmin_CountsConnections()
    {
        await using var hub = await stage.Mia.ConnectAsync(HubPaths.Operator);
        await hub.SubscribeAsync(Stage.Talk);

        var details = (await stage.Ada.Api.GetAsync("/api/v1/status")).Ok()["details"]!;

        ((int?)details["connections"]!["total"], (int?)details["connections"]!["byHub"]!["operator_hub"], (int?)details["subscriptions"], (int?)details["feeds"])
            .Should().Be((1, 1, 1, 1));
    }

    [Fact]
    public async Task Status_WithoutAToken_IsUnauthenticated() =>
        (await server.Anonymous().GetAsync("/api/v1/status")).Problem(401, "unauthenticated");
}
