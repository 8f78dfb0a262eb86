namespace RealtimeHub.Contracts;

/// <summary>What somebody may do with a resource; own implies operate, operate implies view.</summary>
public enum Permission
{
    /// <summary>See it.</summary>
    View,

    /// <summary>Work with it.</summary>
    Operate,

    /// <summary>Manage it.</summary>
    Own,
}

/// <summary>A permission given to a user, an agent, a device or a role (<c>*</c>: everyone in the tenant).</summary>
public sealed record AccessGrant(Subject Subject, Permission Permission);

/// <summary>Data of <c>agent.registered</c>.</summary>
public sealed record AgentRegistered(
    string Name, string? Description = null, IReadOnlyList<string>? Capabilities = null, IReadOnlyList<AccessGrant>? Grants = null);

/// <summary>Data of <c>agent.updated</c>; what is absent stays.</summary>
public sealed record AgentUpdated(
    string? Name = null, string? Description = null, IReadOnlyList<string>? Capabilities = null, IReadOnlyList<AccessGrant>? Grants = null);

/// <summary>Whether an agent takes work.</summary>
public enum AgentStatus
{
    /// <summary>It is not connected.</summary>
    Offline,

    /// <summary>It takes work.</summary>
    Online,

    /// <summary>It is connected and has all the work that it can do.</summary>
    Busy,
}

/// <summary>Data of <c>agent.status_changed</c>.</summary>
public sealed record AgentStatusChanged(AgentStatus Status);
