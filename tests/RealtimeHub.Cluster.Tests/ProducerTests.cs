using System.Diagnostics;
using System.Reflection;
using RealtimeHub.Cluster.Tests.Harness;
using RealtimeHub.Contracts;

namespace RealtimeHub.Cluster.Tests;

/// <summary>A service that knows NATS alone, and clients that see what it says.</summary>
public sealed class ProducerTests : IAsyncLifetime
{
    private static readonly string Sample = Path.GetFullPath(
        typeof(ProducerTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "NatsProducer").Value!);

    private ServerCluster cluster = null!;

    public async ValueTask InitializeAsync() => cluster = await ServerCluster.StartAsync(2);

    public ValueTask DisposeAsync() => cluster.DisposeAsync();

    [Fact]
    public async Task Sample_SpeaksInAConversationToAnAgentAndInAProcess_EveryNodesClientsHear()
    {
        var (ada, olga) = await cluster.SetStageAsync();
        await using var here = await olga.ConnectAsync(HubPaths.Operator);
        await using var there = await olga.At(cluster.Nodes[1].Address).ConnectAsync(HubPaths.Events);
        foreach (var hub in new[] { here, there })
        {
            await hub.SubscribeAsync(ServerCluster.Talk);
            await hub.SubscribeAsync("agent:writer");
        }

        (await SayAsync("conversation", "talk", "The parcel has arrived.")).Should().StartWith("Stored as ");
        (await SayAsync("agent", "writer", "Mind the parcel.")).Should().StartWith("Stored as ");

        foreach (var hub in new[] { here, there })
        {
            var said = await hub.Received.EventAsync(ServerCluster.Talk, "message.created");
            ((string?)said["data"]!["text"], (string?)said["actor"]!["id"]).Should().Be(("The parcel has arrived.", "nats-producer"));
            ((string?)(await hub.Received.EventAsync("agent:writer", "custom.note"))["data"]!["text"]).Should().Be("Mind the parcel.");
        }

        // A process that nobody has started here: whoever may see everything sees it, from when something is in it.
        (await SayAsync("process", "refund", "Started elsewhere.")).Should().StartWith("Stored as ");
        await using var watching = await ada.At(cluster.Nodes[1].Address).ConnectAsync(HubPaths.Events);
        await Until.TrueAsync(async () => (string?)(await watching.SubscribeAsync("process:refund", "earliest"))["status"] is "ok");
        (await SayAsync("process", "refund", "Paid elsewhere.")).Should().StartWith("Stored as ");

        await Until.TrueAsync(() => Task.FromResult(watching.Received.EventsOf("process:refund").Count > 1));
        watching.Received.EventsOf("process:refund").Select(e => (string?)e["data"]!["text"]).Should().Equal("Started elsewhere.", "Paid elsewhere.");
    }

    private async Task<string> SayAsync(params string[] words)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [Sample, ServerCluster.Tenant, .. words])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        start.Environment["NATS_URL"] = cluster.Nats.Url;
        start.Environment.Remove("NATS_PREFIX");
        using var process = Process.Start(start)!;
        var said = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        process.ExitCode.Should().Be(0, said);
        return said;
    }
}
