using System.Text.Json;
using Microsoft.Extensions.Logging;
using RealtimeHub.Core.Documents;
using RealtimeHub.Core.Leases;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Projection;

namespace RealtimeHub.Core.Liveness;

/// <summary>What every node says of its agents, on the node that watches over all of them.</summary>
/// <remarks>
/// A node lives from when it is seen to write its own document, and until it has not for <see cref="DeadAfter"/>, by this node's clock; then
/// its agents are not connected any more, and after a while what it left is removed. No times of other nodes are compared.
/// </remarks>
internal sealed class ReportedAgents(IDocumentStore documents, TimeProvider time, ILogger<ReportedAgents> logger) : ILeasedWork
{
    /// <summary>A node that was silent for so long is dead.</summary>
    public static readonly TimeSpan DeadAfter = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan RemovedAfter = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private readonly Dictionary<string, Node> nodes = new(StringComparer.Ordinal);
    private readonly Dictionary<TopicKey, AgentSighting> news = [];
    private readonly HashSet<TopicKey> connected = [];

    public Task PrepareAsync(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            nodes.Clear();
            news.Clear();
            connected.Clear();
        }

        return Task.CompletedTask;
    }

    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(FollowAsync(cancellationToken), RemoveAsync(cancellationToken));

    /// <summary>Every agent that is connected to a living node, and every other one of which something was heard since the last look.</summary>
    public IReadOnlyList<AgentSighting> Look()
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            var seen = new Dictionary<TopicKey, AgentSighting>();
            foreach (var agent in nodes.Values.Where(Lives).SelectMany(n => n.Connected))
            {
                seen[agent] = new AgentSighting(agent, now, IsConnected: true, UsedHub: true);
            }

            foreach (var gone in connected.Where(agent => !seen.ContainsKey(agent)))
            {
                news.TryAdd(gone, new AgentSighting(gone, now, IsConnected: false, UsedHub: true));
            }

            foreach (var (agent, sighting) in news)
            {
                seen.TryAdd(agent, sighting);
            }

            news.Clear();
            connected.Clear();
            connected.UnionWith(seen.Values.Where(s => s.IsConnected).Select(s => s.Agent));
            return [.. seen.Values];
        }
    }

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await using var watch = await documents.WatchAsync(AgentReport.Prefix, cancellationToken);
                Forget(); // the watch begins with everything there is
                for (var isReady = false; ;)
                {
                    await watch.WaitAsync(cancellationToken);
                    while (watch.TryRead(out var change))
                    {
                        if (change.IsReady)
                        {
                            isReady = true;
                        }
                        else
                        {
                            Take(change, isReady);
                        }
                    }
                }
            }
            catch (LogUnavailableException e)
            {
                LivenessLog.NotFollowed(logger, e);
                await Task.Delay(RetryDelay, time, cancellationToken);
            }
        }
    }

    private void Forget()
    {
        lock (gate)
        {
            nodes.Clear();
        }
    }

    private void Take(DocumentChange change, bool isNew)
    {
        var (name, agent) = AgentReport.Parse(change.Key);
        lock (gate)
        {
            if (!nodes.TryGetValue(name, out var node))
            {
                if (change.Value is null)
                {
                    return;
                }

                nodes.Add(name, node = new Node(time.GetTimestamp()));
            }

            if (agent is not null)
            {
                Take(node, agent.Value, change.Value, isNew);
            }
            else if (isNew)
            {
                node.WroteAt = change.Value is null ? null : time.GetTimestamp();
            }
        }
    }

    private bool Lives(Node node) => node.WroteAt is { } at && time.GetElapsedTime(at) < DeadAfter;

    // Call it holding the gate.
    private void Take(Node node, TopicKey agent, ReadOnlyMemory<byte>? value, bool isNew)
    {
        var report = value is { } bytes ? JsonSerializer.Deserialize(bytes.Span, ProjectionJsonContext.Default.AgentReport) : null;
        if (report is { IsConnected: true })
        {
            node.Connected.Add(agent);
            return;
        }

        node.Connected.Remove(agent);
        if (report is not null)
        {
            // What was there when the watch began was said at some time before: that it was connected once, and no sign of life.
            news[agent] = new AgentSighting(agent, isNew ? time.GetUtcNow() : DateTimeOffset.MinValue, IsConnected: false, report.UsedHub);
        }
    }

    private async Task RemoveAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(RemovedAfter / 4, time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            try
            {
                foreach (var node in Dead())
                {
                    await RemoveAsync(node, cancellationToken);
                }
            }
            catch (LogUnavailableException e)
            {
                LivenessLog.NotRemoved(logger, e);
            }
        }
    }

    private string[] Dead()
    {
        lock (gate)
        {
            return [.. nodes.Where(n => time.GetElapsedTime(n.Value.WroteAt ?? n.Value.FoundAt) >= RemovedAfter).Select(n => n.Key)];
        }
    }

    // Its own document goes first: a node that was taken for dead notices, and says everything again.
    private async ValueTask RemoveAsync(string node, CancellationToken cancellationToken)
    {
        await documents.DeleteAsync(AgentReport.KeyOf(node), expectedRevision: null, cancellationToken);
        await documents.DeleteAllAsync($"{AgentReport.KeyOf(node)}.", cancellationToken);
        lock (gate)
        {
            nodes.Remove(node);
        }
    }

    private sealed class Node(long foundAt)
    {
        public long FoundAt { get; } = foundAt;

        /// <summary>When it was seen to write its own document; null: not yet, or it said goodbye.</summary>
        public long? WroteAt { get; set; }

        public HashSet<TopicKey> Connected { get; } = [];
    }
}
