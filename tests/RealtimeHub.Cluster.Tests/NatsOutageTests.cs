using System.Text.Json.Nodes;
using RealtimeHub.Cluster.Tests.Harness;

namespace RealtimeHub.Cluster.Tests;

/// <summary>NATS dies, stands still, or is not there: commands say so in time, subscriptions go on by themselves.</summary>
public sealed class NatsOutageTests : IAsyncLifetime
{
    // Promised are 2 s; the rest is the way there and back on a loaded machine.
    private static readonly TimeSpan Answer = TimeSpan.FromSeconds(5);

    private ServerCluster cluster = null!;

    public async ValueTask InitializeAsync() => cluster = await ServerCluster.StartAsync(2);

    public ValueTask DisposeAsync() => cluster.DisposeAsync();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Away_CommandsSaySo_AndEverythingGoesOnWhenItIsBack(bool isKilled)
    {
        var (ada, olga) = await cluster.SetStageAsync();
        await using var crowd = new Crowd(cluster, olga, size: 20, seed: isKilled ? 1 : 2);
        await crowd.LiveAsync();
        await using var writer = await Writer.StartAsync(cluster, olga);
        await writer.WroteAsync(10);

        if (isKilled)
        {
            await cluster.Nats.KillAsync();
        }
        else
        {
            await cluster.Nats.PauseAsync();
        }

        foreach (var node in cluster.Nodes)
        {
            var refused = olga.At(node.Address).Api.PostAsync("/api/v1/conversations", new JsonObject { ["title"] = "Never" });
            (await refused.WaitAsync(Answer, TimeProvider.System, TestContext.Current.CancellationToken)).Problem(503, "unavailable");
            await node.NotReadyAsync();
        }

        if (isKilled)
        {
            await cluster.Nats.StartAgainAsync();
        }
        else
        {
            await cluster.Nats.ContinueAsync();
        }

        await Task.WhenAll(cluster.Nodes.Select(n => n.ReadyAsync()));
        await writer.WroteAsync(10);
        await writer.CheckAsync(ada);
        await crowd.CheckAsync(ada);
    }

    [Fact]
    public async Task AwayAtTheStart_ServersComeUpAndAreReadyWhenItIsThere()
    {
        await Task.WhenAll(cluster.Nodes.Select(n => n.KillAsync()));
        await cluster.Nats.KillAsync();

        cluster.Nodes[0].Begin();
        await cluster.Nodes[0].NotReadyAsync();
        await cluster.Nats.StartAgainAsync();

        await cluster.Nodes[0].ReadyAsync();
        await cluster.SetStageAsync();
    }
}
