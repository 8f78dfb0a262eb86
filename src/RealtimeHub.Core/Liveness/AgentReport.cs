using RealtimeHub.Contracts;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Liveness;

/// <summary>What a node says of an agent, for the node that watches over all of them.</summary>
/// <param name="IsConnected">Whether the agent has a hub connection there.</param>
/// <param name="UsedHub">Whether it had one since the report before.</param>
internal sealed record AgentReport(bool IsConnected, bool UsedHub)
{
    /// <summary>Every node and every report.</summary>
    public const string Prefix = "node.";

    /// <summary>A node's own document, which it writes again and again while it lives.</summary>
    public static string KeyOf(string node) => $"{Prefix}{node}";

    /// <summary>What a node says of an agent.</summary>
    public static string KeyOf(string node, TopicKey agent) => $"{Prefix}{node}.{agent.Tenant}.{agent.Topic.Id}";

    /// <summary>Which node a key is of, and which agent; null for the node's own document.</summary>
    public static (string Node, TopicKey? Agent) Parse(string key)
    {
        var parts = key.Split('.');
        return (parts[1], parts.Length == 4 ? new TopicKey(parts[2], Topic.Agent(parts[3])) : null);
    }
}
