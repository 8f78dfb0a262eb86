using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Liveness;

/// <summary>Which agents are there: who has a hub connection, and who published lately.</summary>
/// <remarks>
/// The connections of an agent may be on any node. Where there is one, <see cref="AgentConnections"/> keeps them in memory. Of several,
/// each reports its own (<see cref="AgentReporter"/>), and <see cref="SharedAgentConnections"/> knows them all on the node where the
/// projector works.
/// </remarks>
public interface IAgentConnections
{
    /// <summary>A hub connection that speaks for these agents is open. It is until the answer is disposed of.</summary>
    IDisposable Open(string tenant, IReadOnlyCollection<string> agentIds);

    /// <summary>An agent published something, over whatever surface.</summary>
    void Heard(TopicKey agent);

    /// <summary>Every agent that is connected, and every other one that was seen since the last look: its last sign of life is told once.</summary>
    IReadOnlyList<AgentSighting> Look();
}

/// <summary>A sign of life.</summary>
/// <param name="Agent">The agent's topic.</param>
/// <param name="At">The last one; the time of the look while the agent is connected; the smallest time where nobody knows when it was.</param>
/// <param name="IsConnected">Whether it has a hub connection.</param>
/// <param name="UsedHub">Whether it had one at any time since the look before.</param>
public readonly record struct AgentSighting(TopicKey Agent, DateTimeOffset At, bool IsConnected, bool UsedHub);
