using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR.Client;
using RealtimeHub.Contracts;
using RealtimeHub.Integration.Tests.Server;
using RealtimeHub.Specification;

namespace RealtimeHub.Integration.Tests.Hubs;

/// <summary>Revoked sessions end at once, and what was issued to them opens nothing any more.</summary>
public sealed class SessionTests : IAsyncLifetime
{
    private readonly ServerFixture server = new();

    public async ValueTask InitializeAsync() => await server.InitializeAsync();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Theory]
    [InlineData(HubPaths.Events, HubProtocol.Json, true)]
    [InlineData(HubPaths.Operator, HubProtocol.MessagePack, true)]
    [InlineData(HubPaths.Agent, HubProtocol.Json, false)]
    public async Task Revoke_ConnectionsOfThatUser_AreToldAndEnd(string hub, HubProtocol protocol, bool negotiates)
    {
        var stage = await Stage.SetAsync(server);
        await using var mias = await stage.Mia.ConnectAsync(hub, protocol, negotiates: negotiates);
        await using var olgas = await stage.Olga.ConnectAsync(hub, protocol);
        await mias.SubscribeAsync(Stage.Talk);
        await olgas.SubscribeAsync(Stage.Talk);

        await RevokeAsync(stage.Ada, "mia");

        var closing = await mias.Received.PushAsync(p => p.Method == "Closing");
        ((string?)closing.Message["code"], (bool?)closing.Message["reconnect"]).Should().Be(("revoked", false));
        await Deadline.Within(mias.Closed);
        var said = await stage.SayAsync("Still here?");
        await olgas.Received.EventAsync(Stage.Talk, e => (long?)e["seq"] == said);
        mias.Received.EventsOf(Stage.Talk).Should().NotContain(e => (long?)e["seq"] == said);
    }

    [Fact]
    public async Task Revoke_OverLongPolling_EndsToo()
    {
        var stage = await Stage.SetAsync(server);
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var connection = new HubConnectionBuilder().WithUrl(new Uri(server.Address, HubPaths.Events), HttpTransportType.LongPolling, options =>
            options.AccessTokenProvider = () => Task.FromResult<string?>(stage.Mia.Token)).Build();
        connection.Closed += _ =>
        {
            closed.TrySetResult();
            return Task.CompletedTask;
        };
        await connection.StartAsync(TestContext.Current.CancellationToken);

        await RevokeAsync(stage.Ada, "mia");

        await Deadline.Within(closed.Task);
    }

    [Fact]
    public async Task Revoke_TokensIssuedBefore_OpenNothingAndNewOnesDo()
    {
        var stage = await Stage.SetAsync(server);
        (await stage.Mia.Api.GetAsync("/api/v1/me")).Ok();

        await RevokeAsync(stage.Ada, "mia");

        await RefusedAsync(stage.Mia);
        (await stage.Olga.Api.GetAsync("/api/v1/me")).Ok();
        var again = await server.SignInAsync(stage.Tenant, "mia");
        (await again.Api.GetAsync("/api/v1/me")).Ok();
        await using var hub = await again.ConnectAsync(HubPaths.Operator);
        ((string?)(await hub.SubscribeAsync(Stage.Talk))["status"]).Should().Be("ok");
    }

    [Fact]
    public async Task Revoke_AfterARestart_StillHolds()
    {
        var stage = await Stage.SetAsync(server);
        await RevokeAsync(stage.Ada, "mia");

        await server.StopAsync();
        await server.StartAsync();

        await RefusedAsync(stage.Mia.At(server.Address));
        (await stage.Olga.At(server.Address).Api.GetAsync("/api/v1/me")).Ok();
    }

    [Theory]
    [InlineData(HubProtocol.Json)]
    [InlineData(HubProtocol.MessagePack)]
    public async Task Revoke_OnesOwn_IsAnsweredAndThenEnds(HubProtocol protocol)
    {
        var stage = await Stage.SetAsync(server);
        await using var hub = await stage.Mia.ConnectAsync(HubPaths.Operator, protocol);

        var reply = await hub.CallAsync("RevokeSessions", Subject("mia"));

        ((bool?)reply["ok"]).Should().BeTrue();
        await Deadline.Within(hub.Closed);
        await RefusedAsync(stage.Mia);
        (await stage.Ada.HistoryAsync("user:mia")).Should().ContainSingle(e => (string?)e["type"] == "sessions.revoked");
    }

    [Fact]
    public async Task Revoke_NamesakeInAnotherTenant_NoticesNothing()
    {
        var (here, there) = (await Stage.SetAsync(server), await Stage.SetAsync(server));
        await using var hub = await there.Mia.ConnectAsync(HubPaths.Events);
        await hub.SubscribeAsync(Stage.Talk);

        await RevokeAsync(here.Ada, "mia");

        await RefusedAsync(here.Mia);
        await there.SayAsync("Hello");
        await hub.Received.EventAsync(Stage.Talk, EventTypes.MessageCreated);
        (await there.Mia.Api.GetAsync("/api/v1/me")).Ok();
    }

    private static JsonObject Subject(string user) => new() { ["subject"] = new JsonObject { ["kind"] = "user", ["id"] = user } };

    private static async Task RevokeAsync(Person admin, string user) => (await admin.Api.PostAsync("/api/v1/sessions/revoke", Subject(user))).Ok();

    // The tail sees the event a moment after the command was answered.
    private static async Task RefusedAsync(Person person)
    {
        Answer answer;
        do
        {
            answer = await person.Api.GetAsync("/api/v1/me");
        }
        while (answer.Status == 200);
        answer.Problem(401, "unauthenticated");
        (await person.Api.PostAsync(HubPaths.Operator + "/negotiate?negotiateVersion=1")).Problem(401, "unauthenticated");
    }
}
