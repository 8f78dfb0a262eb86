using RealtimeHub.Contracts;
using RealtimeHub.Core.Features.Agents;
using RealtimeHub.Core.Features.Runs;
using RealtimeHub.Core.Folds;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Projection;

namespace RealtimeHub.Core.Liveness;

/// <summary>What the service says of an agent's absence and return. Each only where the topic's state does not say so already.</summary>
internal sealed class LivenessEvents(SystemEvents system, ITopicFolds folds)
{
    private const string Reason = "agent_offline";

    /// <summary>Whether the agent's status says that it takes work.</summary>
    public async ValueTask<bool> IsOnlineAsync(TopicKey agent, CancellationToken cancellationToken) =>
        IsOnline(await folds.GetAsync(agent, cancellationToken));

    public ValueTask SayOfflineAsync(TopicKey agent, CancellationToken cancellationToken) =>
        SayAsync(agent, "offline", EventTypes.AgentStatusChanged, new AgentStatusChanged(AgentStatus.Offline), runId: null, IsOnline, cancellationToken);

    /// <summary>Takes back what <see cref="SayOfflineAsync"/> said; an agent's own word stands.</summary>
    public ValueTask SayOnlineAsync(TopicKey agent, CancellationToken cancellationToken) =>
        SayAsync(
            agent, "online", EventTypes.AgentStatusChanged, new AgentStatusChanged(AgentStatus.Online), runId: null,
            fold => fold.State is AgentState { IsRegistered: true, Status: AgentStatus.Offline, IsStatusOfService: true }, cancellationToken);

    public ValueTask StallAsync(WatchedRun run, CancellationToken cancellationToken) =>
        SayAsync(
            run.Topic, "stalled", EventTypes.RunStalled, new RunLiveness(run.RunId, Reason), run.RunId,
            fold => Find(fold, run.RunId) is { HasEnded: false, IsStalled: false }, cancellationToken);

    public ValueTask ResumeAsync(WatchedRun run, CancellationToken cancellationToken) =>
        SayAsync(
            run.Topic, "resumed", EventTypes.RunResumed, new RunLiveness(run.RunId, Reason), run.RunId,
            fold => Find(fold, run.RunId) is { HasEnded: false, IsStalled: true }, cancellationToken);

    private static bool IsOnline(TopicFold fold) => fold.State is AgentState { IsRegistered: true, Status: not AgentStatus.Offline };

    private static RunState? Find(TopicFold fold, string runId) => (fold.State as IHasRuns)?.Runs.FindAtHome(runId);

    private async ValueTask SayAsync<T>(
        TopicKey topic, string purpose, string type, T data, string? runId, Func<TopicFold, bool> isNeeded, CancellationToken cancellationToken)
    {
        // An agent goes and comes many times: each time the id is another, because the topic's last event is.
        var fold = await folds.GetAsync(topic, cancellationToken);
        if (isNeeded(fold))
        {
            var id = SystemIds.For(purpose, topic, fold.LastState.Sequence, runId ?? "");
            await system.AppendAsync(topic, id, type, data, runId, isNeeded, cancellationToken);
        }
    }
}
