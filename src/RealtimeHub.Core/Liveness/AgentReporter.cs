using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RealtimeHub.Core.Documents;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Projection;

namespace RealtimeHub.Core.Liveness;

/// <summary>Says that this node lives, and which agents are connected to it: to whichever node watches over agents, which may be another.</summary>
/// <remarks>
/// A report is written when something changes; the node's own document every second. What could not be written is written when the store is
/// back. A node that was taken for dead finds its document gone, and says everything again.
/// </remarks>
internal sealed class AgentReporter(
    AgentConnections connections, IDocumentStore documents, NodeIdentity node, LivenessOptions options, TimeProvider time, ILogger<AgentReporter> logger)
    : BackgroundService
{
    /// <summary>How often a node says that it lives.</summary>
    public static readonly TimeSpan BeatEvery = TimeSpan.FromSeconds(1);

    private const int WritesAtOnce = 128;

    // Somebody who publishes without a connection is alive for 30 s by each report.
    private static readonly TimeSpan HeardEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ForgottenAfter = TimeSpan.FromMinutes(1);

    private readonly Dictionary<TopicKey, Said> said = [];
    private readonly Dictionary<TopicKey, AgentReport> unsaid = [];
    private readonly string ownKey = AgentReport.KeyOf(node.Incarnation);
    private readonly byte[] ownValue = JsonSerializer.SerializeToUtf8Bytes(node.Name, ProjectionJsonContext.Default.String);
    private long? revision = 0;
    private long? beatAt;
    private bool isFailing;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await documents.DeleteAsync(ownKey, expectedRevision: null, cancellationToken);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // It is found out soon.
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Period, time);
        do
        {
            Look();
            try
            {
                await BeatAsync(stoppingToken);
                await SayAsync(stoppingToken);
                isFailing = false;
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                // Whatever it is, the next tick tries again: a store that takes nothing is no reason to stop the server, which goes on reading.
                if (!isFailing)
                {
                    LivenessLog.NotSaid(logger, e);
                }

                isFailing = true;
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private void Look()
    {
        foreach (var sighting in connections.Look())
        {
            var before = said.GetValueOrDefault(sighting.Agent);
            var isNews = sighting.IsConnected ? before is not { Report.IsConnected: true }
                : sighting.UsedHub || before is null or { Report.IsConnected: true } || time.GetElapsedTime(before.At) >= HeardEvery;
            if (isNews)
            {
                unsaid[sighting.Agent] = new AgentReport(sighting.IsConnected, sighting.UsedHub);
            }
            else if (sighting.IsConnected)
            {
                unsaid.Remove(sighting.Agent); // it went and came back, and nothing was said of it
            }
        }
    }

    private async ValueTask BeatAsync(CancellationToken cancellationToken)
    {
        if (beatAt is { } last && time.GetElapsedTime(last) < BeatEvery)
        {
            return;
        }

        if (await documents.PutAsync(ownKey, ownValue, revision, cancellationToken) is { } written)
        {
            (revision, beatAt) = (written, time.GetTimestamp());
            return;
        }

        // Somebody removed it, and every report with it; or an earlier write did arrive.
        revision = await documents.PutAsync(ownKey, ownValue, expectedRevision: null, cancellationToken);
        beatAt = time.GetTimestamp();
        foreach (var (agent, one) in said)
        {
            unsaid.TryAdd(agent, one.Report);
        }
    }

    private async ValueTask SayAsync(CancellationToken cancellationToken)
    {
        foreach (var some in unsaid.ToArray().Chunk(WritesAtOnce))
        {
            await Task.WhenAll(some.Select(s => PutAsync(s.Key, s.Value, cancellationToken)));
            foreach (var (agent, report) in some)
            {
                said[agent] = new Said(report, time.GetTimestamp());
                unsaid.Remove(agent);
            }
        }

        foreach (var agent in said.Where(s => !s.Value.Report.IsConnected && time.GetElapsedTime(s.Value.At) >= ForgottenAfter).Select(s => s.Key).ToList())
        {
            await documents.DeleteAsync(AgentReport.KeyOf(node.Incarnation, agent), expectedRevision: null, cancellationToken);
            said.Remove(agent);
        }
    }

    private Task<long?> PutAsync(TopicKey agent, AgentReport report, CancellationToken cancellationToken)
    {
        var value = JsonSerializer.SerializeToUtf8Bytes(report, ProjectionJsonContext.Default.AgentReport);
        return documents.PutAsync(AgentReport.KeyOf(node.Incarnation, agent), value, expectedRevision: null, cancellationToken).AsTask();
    }

    private sealed record Said(AgentReport Report, long At);
}
