using RealtimeHub.Cluster.Tests.Harness;

namespace RealtimeHub.Cluster.Tests;

/// <summary>Nodes that are killed or restarted while many watch and others write: nobody misses anything or sees it twice.</summary>
public sealed class KillTests : IAsyncLifetime
{
    private ServerCluster cluster = null!;

    public async ValueTask InitializeAsync() => cluster = await ServerCluster.StartAsync(3);

    public ValueTask DisposeAsync() => cluster.DisposeAsync();

    [Fact]
    public async Task NodeKilled_While200ClientsStream_NobodyMissesAnything()
    {
        var (ada, olga) = await cluster.SetStageAsync();
        await using var crowd = new Crowd(cluster, olga, size: 200, seed: 1);
        await crowd.LiveAsync();
        await using var writer = await Writer.StartAsync(cluster, olga);
        await writer.WroteAsync(20);

        // Whoever it is that also projects.
        var holder = cluster.Nodes.Single(n => n.Output.Contains("holds lease.projector", StringComparison.Ordinal));
        await holder.KillAsync();
        await writer.WroteAsync(20);
        await holder.StartAsync();
        await writer.WroteAsync(20);

        var reader = ada.At(cluster.Nodes[1].Address);
        await writer.CheckAsync(reader);
        await crowd.CheckAsync(reader);
        crowd.Connections.Should().BeGreaterThan(200);
    }

    [Fact]
    public async Task RollingRestart_UnderLoad_NobodyMissesAnything()
    {
        var (ada, olga) = await cluster.SetStageAsync();
        await using var crowd = new Crowd(cluster, olga, size: 60, seed: 1000);
        await crowd.LiveAsync();
        await using var writer = await Writer.StartAsync(cluster, olga);
        await writer.WroteAsync(10);

        foreach (var node in cluster.Nodes)
        {
            await node.StopAsync();
            await writer.WroteAsync(10);
            await node.StartAsync();
            await writer.WroteAsync(10);
        }

        await writer.CheckAsync(ada);
        await crowd.CheckAsync(ada);
        crowd.Connections.Should().BeGreaterThan(60);
    }
}
