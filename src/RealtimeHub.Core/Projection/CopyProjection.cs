using RealtimeHub.Contracts;
using RealtimeHub.Core.Features.Runs;
using RealtimeHub.Core.Folds;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Projection;

/// <summary>Copies what others need to see: runs to their agent's work list, runs, agents and revoked sessions to the tenant's operations view.</summary>
internal sealed class CopyProjection(SystemEvents system, RunDeadlines runs, ITopicFolds folds) : IProjection
{
    public async ValueTask ProjectAsync(StoredEvent e, CancellationToken cancellationToken)
    {
        var isRun = e.Type.StartsWith("run.", StringComparison.Ordinal);
        if (isRun && e.Topic.Topic.Kind != TopicKind.Agent && await AgentOfAsync(e, cancellationToken) is { } agentId)
        {
            await system.CopyAsync(e, e.Topic with { Topic = Topic.Agent(agentId) }, cancellationToken);
        }

        if ((isRun || e.Type.StartsWith("agent.", StringComparison.Ordinal) || e.Type == EventTypes.SessionsRevoked) && e.Topic.Topic.Kind != TopicKind.Tenant)
        {
            await system.CopyAsync(e, e.Topic with { Topic = Topic.Tenant(e.Topic.Tenant) }, cancellationToken);
        }
    }

    // When the projector is far behind, the topic may have forgotten a run that is still open to the projector.
    private async ValueTask<string?> AgentOfAsync(StoredEvent e, CancellationToken cancellationToken)
    {
        var agentId = e.Type == EventTypes.RunRequested ? e.Read<RunRequested>().AgentId : runs.Find(e)?.AgentId;
        if (agentId is null && e.RunId is { } runId && (await folds.GetAsync(e.Topic, cancellationToken)).State is IHasRuns state)
        {
            agentId = state.Runs.Find(runId)?.AgentId;
        }

        return Ids.IsValid(agentId) ? agentId : null; // from the backbone; what is no id has no topic
    }
}
