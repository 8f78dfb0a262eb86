using RealtimeHub.Contracts;
using RealtimeHub.Integration.Tests.Server;
using RealtimeHub.Specification;

namespace RealtimeHub.Integration.Tests.Hubs;

/// <summary>The end of a token is the end of its connections, announced.</summary>
public sealed class TokenEndTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    [Theory]
    [InlineData(HubProtocol.Json, HubPaths.Events)]
    [InlineData(HubProtocol.MessagePack, HubPaths.Agent)]
    public async Task TokenEnds_ConnectionIsToldBefore_AndResumesWithANewToken(HubProtocol protocol, string path)
    {
        var stage = await Stage.SetAsync(server);
        var (asked, token, end) = (0, "", DateTimeOffset.MaxValue);
        await using var hub = await HubClient.ConnectAsync(
            server.Address, path, protocol,
            async () =>
            {
                if (asked++ == 0)
                {
                    end = TimeProvider.System.GetUtcNow().AddSeconds(4);
                    return await Person.TokenAsync(server.Address, stage.Tenant, "mia", Person.EveryScope, seconds: 4);
                }

                return stage.Mia.Token;
            },
            reconnects: true);
        var back = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        hub.Connection.Reconnected += _ =>
        {
            back.SetResult();
            return Task.CompletedTask;
        };
        var cursor = (string)(await hub.SubscribeAsync(Stage.Talk))["cursor"]!;

        var closing = await hub.Received.PushAsync(p => p.Method == "Closing");
        var left = end - TimeProvider.System.GetUtcNow();
        await stage.SayAsync("Meanwhile");
        await Deadline.Within(back.Task);

        closing.Message.ToJsonString().Should().Contain("\"code\":\"token_expired\"").And.Contain("\"reconnect\":true").And.Contain("\"afterMs\":0");
        left.Should().BeCloseTo(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(1.5));
        ((string?)(await hub.SubscribeAsync(Stage.Talk, "cursor", cursor))["status"]).Should().Be("resumed");
        await hub.Received.EventAsync(Stage.Talk, e => (string?)e["data"]!["text"] == "Meanwhile");
    }
}
