namespace RealtimeHub.Core.Liveness;

/// <summary>An agent that has a hub connection, or had one until a moment ago: after a restart it is waited for.</summary>
internal sealed record HubAgent(string Tenant, string AgentId)
{
    /// <summary>Every one of them.</summary>
    public const string Prefix = "hubagent.";

    /// <summary>Where it is kept.</summary>
    public string Key => $"{Prefix}{Tenant}.{AgentId}";
}
