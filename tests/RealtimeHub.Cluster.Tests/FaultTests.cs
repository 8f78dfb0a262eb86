using System.Text.Json.Nodes;
using RealtimeHub.Cluster.Tests.Harness;

namespace RealtimeHub.Cluster.Tests;

/// <summary>The way from one node to NATS is bad; the other node's is not.</summary>
public sealed class FaultTests : IAsyncLifetime
{
    // Promised are 2 s; the rest is the way there and back on a loaded machine.
    private static readonly TimeSpan Answer = TimeSpan.FromSeconds(5);

    private ServerCluster cluster = null!;

    private FaultProxy Proxy => cluster.Proxies[0];

    public async ValueTask InitializeAsync() => cluster = await ServerCluster.StartAsync(2, proxies: true);

    public ValueTask DisposeAsync() => cluster.DisposeAsync();

    [Theory]
    [InlineData(Fault.Cut)]
    [InlineData(Fault.Stall)]
    [InlineData(Fault.HalfOpen)]
    public async Task Broken_TheNodeSaysSo_TheOtherGoesOn_AndNobodyMissesAnything(Fault fault)
    {
        var (ada, olga) = await cluster.SetStageAsync();
        await using var crowd = new Crowd(cluster, olga, size: 20, seed: 100 * (int)fault);
        await crowd.LiveAsync();
        await using var writer = await Writer.StartAsync(cluster, olga);
        await writer.WroteAsync(10);

        Proxy.Break(fault);

        var refused = olga.At(cluster.Nodes[0].Address).Api.PostAsync("/api/v1/conversations", new JsonObject { ["title"] = "Never, or once" });
        (await refused.WaitAsync(Answer, TimeProvider.System, TestContext.Current.CancellationToken)).Problem(503, "unavailable");
        await cluster.Nodes[0].NotReadyAsync();
        await writer.WroteAsync(10);
        Proxy.Heal();

        await cluster.Nodes[0].ReadyAsync();
        await writer.WroteAsync(10);
        await writer.CheckAsync(ada.At(cluster.Nodes[1].Address));
        await crowd.CheckAsync(ada.At(cluster.Nodes[0].Address));
    }

    [Fact]
    public async Task Slow_EverythingIsLate_AndNothingIsLost()
    {
        var (ada, olga) = await cluster.SetStageAsync();
        await using var crowd = new Crowd(cluster, olga, size: 20, seed: 1000);
        await crowd.LiveAsync();

        Proxy.Delay(TimeSpan.FromMilliseconds(50));
        await using var writer = await Writer.StartAsync(cluster, olga);
        await writer.WroteAsync(10);
        Proxy.Heal();

        await writer.WroteAsync(10);
        await writer.CheckAsync(ada);
        await crowd.CheckAsync(ada);
    }
}
