using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Liveness;

/// <summary>The agents that are connected to any of several nodes.</summary>
internal sealed class SharedAgentConnections(AgentConnections own, ReportedAgents reported) : IAgentConnections
{
    public IDisposable Open(string tenant, IReadOnlyCollection<string> agentIds) => own.Open(tenant, agentIds);

    public void Heard(TopicKey agent) => own.Heard(agent);

    public IReadOnlyList<AgentSighting> Look() => reported.Look();
}
