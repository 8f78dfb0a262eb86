using System.Text.Json;
using Microsoft.Extensions.Logging;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Documents;
using RealtimeHub.Core.Leases;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Projection;

namespace RealtimeHub.Core.Liveness;

/// <summary>Says when an agent that should be there is not, and when it is back.</summary>
/// <remarks>
/// <para>
/// An agent shows life by a hub connection or by publishing. One that was connected and shows none for 30 s is <c>offline</c>, and its
/// unfinished runs are stalled. One that was not connected reports its status itself: while that is <c>online</c> or <c>busy</c> it is
/// believed; else what is asked of it is stalled after 30 s without a sign of life.
/// </para>
/// <para>
/// What was said is in the topics' states, and only what they do not say is appended, so doing it again changes nothing. Who was connected,
/// and which runs are open, are documents: after a restart every agent has its time to come back. Works where the projector does.
/// </para>
/// </remarks>
internal sealed class AgentLiveness(
    IAgentConnections connections, LivenessEvents events, IDocumentStore documents, LivenessOptions options, TimeProvider time,
    ILogger<AgentLiveness> logger) : ILeasedWork, IProjection
{
    private readonly Lock gate = new(); // for the tables: the projector fills them, the loop reads them
    private readonly Dictionary<TopicKey, AgentWatch> watches = [];
    private readonly Dictionary<(string Tenant, string RunId), AgentWatch> agentsOfRuns = [];

    public ValueTask StartOverAsync(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            agentsOfRuns.Clear();
            foreach (var watch in watches.Values)
            {
                watch.Runs.Clear();
            }
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask ProjectAsync(StoredEvent e, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            switch (e.Type)
            {
                case EventTypes.RunRequested when e.Read<RunRequested>() is var run && Ids.IsValid(run.AgentId):
                    Add(e.Topic, run.RunId, run.AgentId);
                    break;
                case EventTypes.RunCompleted or EventTypes.RunFailed or EventTypes.RunCancelled when e.RunId is not null:
                    if (agentsOfRuns.Remove((e.Topic.Tenant, e.RunId), out var watch))
                    {
                        watch.Runs.Remove(e.RunId);
                    }

                    break;
                case EventTypes.AgentStatusChanged when watches.TryGetValue(e.Topic, out var watched):
                    watched.HasNews = true;
                    break;
            }

            // Also what comes from the backbone, which no node was asked to store.
            if (e.Actor.Kind == SubjectKind.Agent && !SaysGoodbye(e)
                && watches.TryGetValue(new TopicKey(e.Topic.Tenant, Topic.Agent(e.Actor.Id)), out var actor))
            {
                var now = time.GetUtcNow();
                actor.Seen(e.Time < now ? e.Time : now);
            }
        }

        return ValueTask.CompletedTask;
    }

    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            watches.Clear();
            agentsOfRuns.Clear();
        }

        await foreach (var document in documents.ListAsync(OpenRun.Prefix, cancellationToken))
        {
            var run = JsonSerializer.Deserialize(document.Value.Span, ProjectionJsonContext.Default.OpenRun)!;
            lock (gate)
            {
                Add(new TopicKey(run.Tenant, Topic.Parse(run.Topic)), run.RunId, run.AgentId);
            }
        }

        await foreach (var document in documents.ListAsync(HubAgent.Prefix, cancellationToken))
        {
            var agent = JsonSerializer.Deserialize(document.Value.Span, ProjectionJsonContext.Default.HubAgent)!;
            lock (gate)
            {
                var watch = WatchOf(new TopicKey(agent.Tenant, Topic.Agent(agent.AgentId)));
                (watch.UsesHub, watch.IsKept) = (true, true);
            }
        }
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(options.Period, time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            foreach (var watch in Look())
            {
                try
                {
                    await CheckAsync(watch, cancellationToken);
                }
                catch (LogUnavailableException e)
                {
                    LivenessLog.Failed(logger, watch.Agent.ToString(), e);
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    LivenessLog.Broken(logger, watch.Agent.ToString(), e); // the others are looked after all the same
                }
            }
        }
    }

    private static bool SaysGoodbye(StoredEvent e) =>
        e.Type == EventTypes.AgentStatusChanged && e.Read<AgentStatusChanged>().Status == AgentStatus.Offline;

    private AgentWatch[] Look()
    {
        var seen = connections.Look();
        lock (gate)
        {
            foreach (var sighting in seen)
            {
                var watch = WatchOf(sighting.Agent);
                watch.Seen(sighting.At);
                watch.IsConnected = sighting.IsConnected;
                watch.UsesHub |= sighting.UsedHub;
            }

            return [.. watches.Values];
        }
    }

    private async ValueTask CheckAsync(AgentWatch watch, CancellationToken cancellationToken)
    {
        if (watch is { UsesHub: true, IsKept: false })
        {
            await KeepAsync(watch, cancellationToken);
        }

        var now = time.GetUtcNow();
        if (watch.ShowsLife(now, options.OfflineAfter))
        {
            await TakeBackAsync(watch, cancellationToken);
        }
        else if (watch.IsAway(now, options.OfflineAfter))
        {
            await MissAsync(watch, now, cancellationToken);
        }
    }

    /// <summary>The agent is there.</summary>
    private async ValueTask TakeBackAsync(AgentWatch watch, CancellationToken cancellationToken)
    {
        if (watch is { IsConnected: true, IsStatusSaid: false })
        {
            await events.SayOnlineAsync(watch.Agent, cancellationToken);
            watch.IsStatusSaid = true;
        }

        if (watch.IsThere == true)
        {
            return;
        }

        foreach (var run in RunsOf(watch))
        {
            await events.ResumeAsync(run, cancellationToken);
        }

        watch.IsThere = true;
    }

    /// <summary>The agent is away.</summary>
    private async ValueTask MissAsync(AgentWatch watch, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (watch.IsThere == false && !TakeNews(watch))
        {
            return;
        }

        var runs = RunsOf(watch);
        if (watch.UsesHub)
        {
            await events.SayOfflineAsync(watch.Agent, cancellationToken);
        }
        else if (runs.Length > 0 && await events.IsOnlineAsync(watch.Agent, cancellationToken))
        {
            (watch.IsThere, runs) = (false, []); // its own word: until it takes that back
        }

        foreach (var run in runs)
        {
            if (watch.IsThere != false || now - run.Since >= options.OfflineAfter)
            {
                await events.StallAsync(run, cancellationToken);
            }
            else
            {
                Renew(watch); // it was asked for a moment ago, and has its time
            }
        }

        if (watch.UsesHub)
        {
            await documents.DeleteAsync(KeptAs(watch).Key, expectedRevision: null, cancellationToken);
            (watch.UsesHub, watch.IsKept) = (false, false);
        }

        (watch.IsThere, watch.IsStatusSaid) = (false, false);
        lock (gate)
        {
            if (watch.Runs.Count == 0)
            {
                watches.Remove(watch.Agent);
            }
        }
    }

    private async ValueTask KeepAsync(AgentWatch watch, CancellationToken cancellationToken)
    {
        var kept = KeptAs(watch);
        var value = JsonSerializer.SerializeToUtf8Bytes(kept, ProjectionJsonContext.Default.HubAgent);
        await documents.PutAsync(kept.Key, value, expectedRevision: null, cancellationToken);
        watch.IsKept = true;
    }

    private static HubAgent KeptAs(AgentWatch watch) => new(watch.Agent.Tenant, watch.Agent.Topic.Id);

    private WatchedRun[] RunsOf(AgentWatch watch)
    {
        lock (gate)
        {
            return [.. watch.Runs.Values];
        }
    }

    private bool TakeNews(AgentWatch watch)
    {
        lock (gate)
        {
            var had = watch.HasNews;
            watch.HasNews = false;
            return had;
        }
    }

    private void Renew(AgentWatch watch)
    {
        lock (gate)
        {
            watch.HasNews = true;
        }
    }

    // Call it holding the gate.
    private void Add(TopicKey topic, string runId, string agentId)
    {
        var watch = WatchOf(new TopicKey(topic.Tenant, Topic.Agent(agentId)));
        watch.Runs.TryAdd(runId, new WatchedRun(topic, runId, time.GetUtcNow()));
        watch.HasNews = true;
        agentsOfRuns[(topic.Tenant, runId)] = watch;
    }

    // Call it holding the gate.
    private AgentWatch WatchOf(TopicKey agent)
    {
        if (!watches.TryGetValue(agent, out var watch))
        {
            watches.Add(agent, watch = new AgentWatch(agent, time.GetUtcNow()));
        }

        return watch;
    }
}
