using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Liveness;
using RealtimeHub.Integration.Tests.Server;

namespace RealtimeHub.Integration.Tests.Hubs;

/// <summary>An agent whose connection is gone is missed, and welcomed when it is back; with a second where the product waits thirty.</summary>
public sealed class AgentLivenessTests : IAsyncLifetime
{
    private static readonly LivenessOptions Quick = new() { OfflineAfter = TimeSpan.FromSeconds(1), Period = TimeSpan.FromMilliseconds(50) };

    private readonly ServerFixture server = new()
    {
        Configure = builder => builder.ConfigureTestServices(services => services.AddSingleton(Quick)),
    };

    public async ValueTask InitializeAsync() => await server.InitializeAsync();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Theory]
    [InlineData(HubProtocol.Json)]
    [InlineData(HubProtocol.MessagePack)]
    public async Task Disconnected_ThenBack_RunIsStalledThenResumed(HubProtocol protocol)
    {
        var stage = await Stage.SetAsync(server);
        await using var watcher = await stage.Olga.ConnectAsync(HubPaths.Operator, protocol);
        await watcher.SubscribeAsync(Stage.Talk);
        await watcher.SubscribeAsync(Stage.Writer);
        string run;
        await using (var agent = await stage.Wren.ConnectAsync(HubPaths.Agent, protocol))
        {
            await SayOnlineAsync(stage);
            run = await stage.StartRunAsync();
        }

        var stalled = await watcher.Received.EventAsync(Stage.Talk, EventTypes.RunStalled);
        var offline = await watcher.Received.EventAsync(Stage.Writer, e => StatusOf(e) == "offline");
        ((string?)stalled["runId"], (string?)stalled["data"]!["reason"], (string?)stalled["actor"]!["kind"]).Should().Be((run, "agent_offline", "system"));
        ((string?)offline["actor"]!["kind"]).Should().Be("system");
        var snapshot = (await stage.Olga.Api.GetAsync($"/api/v1/topics/{Stage.Talk}/snapshot")).Ok();
        ((bool?)snapshot["state"]!["runs"]!.AsArray().Single()!["stalled"]).Should().BeTrue();

        await using var back = await stage.Wren.ConnectAsync(HubPaths.Agent, protocol);
        var resumed = await watcher.Received.EventAsync(Stage.Talk, EventTypes.RunResumed);
        ((string?)resumed["runId"]).Should().Be(run);
        await watcher.Received.EventAsync(
            Stage.Writer, e => StatusOf(e) == "online" && Stage.SequenceOf(e) > Stage.SequenceOf(offline));
        await stage.PublishAsync(Stage.Event(run, "run.completed", $$"""{ "runId": "{{run}}" }"""));
    }

    [Fact]
    public async Task OnlyOtherHubs_DoNotMakeAnAgentPresent()
    {
        var stage = await Stage.SetAsync(server);
        await using var watcher = await stage.Olga.ConnectAsync(HubPaths.Operator);
        await watcher.SubscribeAsync(Stage.Talk);
        await using var events = await stage.Wren.ConnectAsync(HubPaths.Events);

        var run = await stage.RequestRunAsync();

        ((string?)(await watcher.Received.EventAsync(Stage.Talk, EventTypes.RunStalled))["runId"]).Should().Be(run);
    }

    [Fact]
    public async Task Restart_AgentDoesNotComeBack_IsMissed()
    {
        var stage = await Stage.SetAsync(server);
        await SayOnlineAsync(stage);
        await using (var watcher = await stage.Olga.ConnectAsync(HubPaths.Operator))
        {
            await watcher.SubscribeAsync(Stage.Talk);
            await using (await stage.Wren.ConnectAsync(HubPaths.Agent))
            {
                await stage.StartRunAsync();
            }

            await watcher.Received.EventAsync(Stage.Talk, EventTypes.RunStalled);
            await using var agent = await stage.Wren.ConnectAsync(HubPaths.Agent);
            await watcher.Received.EventAsync(Stage.Talk, EventTypes.RunResumed); // the connection is noted
            await server.StopAsync();
        }

        await server.StartAsync();
        await using var after = await stage.At(server.Address).Olga.ConnectAsync(HubPaths.Operator);
        await after.SubscribeAsync(Stage.Talk, "earliest");
        await after.SubscribeAsync(Stage.Writer, "earliest");

        await after.Received.UntilAsync(r => r.EventsOf(Stage.Talk).Where(e => Stage.TypeOf(e) == EventTypes.RunStalled).Skip(1).FirstOrDefault());
        await after.Received.UntilAsync(r => r.EventsOf(Stage.Writer).Where(e => StatusOf(e) == "offline").Skip(1).FirstOrDefault());
    }

    private static async Task SayOnlineAsync(Stage stage) => (await stage.Wren.Api.PostAsync(
        $"/api/v1/topics/{Stage.Writer}/events",
        Json.Object("""{ "events": [{ "type": "agent.status_changed", "data": { "status": "online" } }] }"""))).Ok();

    private static string? StatusOf(System.Text.Json.Nodes.JsonObject e) =>
        Stage.TypeOf(e) == EventTypes.AgentStatusChanged ? (string?)e["data"]!["status"] : null;
}
