using System.Collections.Concurrent;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Liveness;

/// <summary>The agents that are connected to this process.</summary>
internal sealed class AgentConnections(TimeProvider time) : IAgentConnections
{
    private readonly ConcurrentDictionary<TopicKey, Presence> agents = [];

    public IDisposable Open(string tenant, IReadOnlyCollection<string> agentIds)
    {
        var opened = agentIds.Select(id => new TopicKey(tenant, Topic.Agent(id))).ToArray();
        foreach (var agent in opened)
        {
            Change(agent, +1);
        }

        return new Connection(this, opened);
    }

    public void Heard(TopicKey agent)
    {
        if (agents.GetValueOrDefault(agent) is not { Connections: > 0 })
        {
            Change(agent, 0);
        }
    }

    public IReadOnlyList<AgentSighting> Look()
    {
        var now = time.GetUtcNow();
        var seen = new List<AgentSighting>();
        foreach (var entry in agents)
        {
            var (connections, at, usedHub) = entry.Value;
            if (connections > 0)
            {
                seen.Add(new AgentSighting(entry.Key, now, IsConnected: true, UsedHub: true));
            }
            else if (agents.TryRemove(entry)) // not if it has come back in this moment
            {
                seen.Add(new AgentSighting(entry.Key, at, IsConnected: false, usedHub));
            }
        }

        return seen;
    }

    private void Change(TopicKey agent, int connections)
    {
        var now = time.GetUtcNow();
        agents.AddOrUpdate(
            agent,
            static (_, change) => new Presence(change.Connections, change.Now, change.Connections > 0),
            static (_, before, change) => new Presence(before.Connections + change.Connections, change.Now, before.UsedHub || change.Connections > 0),
            (Connections: connections, Now: now));
    }

    private sealed record Presence(int Connections, DateTimeOffset At, bool UsedHub);

    private sealed class Connection(AgentConnections owner, TopicKey[] agents) : IDisposable
    {
        private TopicKey[]? agents = agents;

        public void Dispose()
        {
            foreach (var agent in Interlocked.Exchange(ref agents, null) ?? [])
            {
                owner.Change(agent, -1);
            }
        }
    }
}
