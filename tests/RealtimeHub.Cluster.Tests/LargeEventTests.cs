using System.Text.Json.Nodes;
using RealtimeHub.Cluster.Tests.Harness;
using RealtimeHub.Integration.Tests.Server;

namespace RealtimeHub.Cluster.Tests;

/// <summary>A server whose own limits are off: nats-server's is left.</summary>
public sealed class LargeEventTests : IAsyncLifetime
{
    private const int DefaultMaxPayload = 1 << 20;

    private ServerCluster cluster = null!;

    public async ValueTask InitializeAsync() => cluster = await ServerCluster.StartAsync(1, settings: new Dictionary<string, string>
    {
        ["Limits__TextBytes"] = "0",
        ["Limits__EventBytes"] = "0",
        ["Limits__BodyBytes"] = "0",
    });

    public ValueTask DisposeAsync() => cluster.DisposeAsync();

    [Fact]
    public async Task OverMaxPayload_IsTooLarge_AndTheTopicGoesOn()
    {
        var (_, olga) = await cluster.SetStageAsync();

        (await SayAsync(new string('x', DefaultMaxPayload))).Problem(413, "too_large");
        (await SayAsync("Shorter")).Ok();

        (await olga.HistoryAsync(ServerCluster.Talk)).Select(e => (string?)e["data"]!["text"]).Should().Equal(null, "Shorter");

        Task<Answer> SayAsync(string text) => olga.Api.PostAsync("/api/v1/conversations/talk/messages", new JsonObject { ["text"] = text });
    }
}
