using RealtimeHub.Contracts;

namespace RealtimeHub.Core.Log;

/// <summary>A topic of one tenant. Every key, subject and lookup holds the tenant; nothing is ever looked up by topic alone.</summary>
public readonly record struct TopicKey(string Tenant, Topic Topic)
{
    /// <summary>For people and logs: <c>tenant/kind:id</c>.</summary>
    public override string ToString() => $"{Tenant}/{Topic}";
}
