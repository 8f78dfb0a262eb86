using System.Collections.Frozen;
using RealtimeHub.Contracts;

namespace RealtimeHub.Core.Pipeline;

/// <summary>Which adapter a request came through.</summary>
public enum Surface
{
    /// <summary>The read-only hub.</summary>
    EventsHub,

    /// <summary>The operators' hub.</summary>
    OperatorHub,

    /// <summary>The agent runtimes' hub.</summary>
    AgentHub,

    /// <summary>An HTTP call.</summary>
    Http,
}

/// <summary>Who asks, as the authenticated principal says; nothing of it ever comes from a request's body.</summary>
public sealed record Caller
{
    /// <summary>Whose data; fits the id grammar.</summary>
    public required string Tenant { get; init; }

    /// <summary>Who; its id fits the id grammar.</summary>
    public required Subject Subject { get; init; }

    /// <summary>What the token allows.</summary>
    public required FrozenSet<string> Scopes { get; init; }

    /// <summary>What the user is; matches role grants.</summary>
    public FrozenSet<string> Roles { get; init; } = [];

    /// <summary>The agents that the token speaks for.</summary>
    public FrozenSet<string> Agents { get; init; } = [];

    /// <summary>The adapter.</summary>
    public required Surface Surface { get; init; }

    /// <summary>The hub connection; null on HTTP.</summary>
    public string? ConnectionId { get; init; }

    /// <summary>W3C trace context of the call.</summary>
    public string? Traceparent { get; init; }

    /// <summary>Whether nothing else counts than which agents the token speaks for: not who the user is, nor the user's roles.</summary>
    public bool IsAgentsAlone { get; init; }

    /// <summary>When the token was issued.</summary>
    public DateTimeOffset IssuedAt { get; init; }

    /// <summary>When the token ends.</summary>
    public DateTimeOffset ExpiresAt { get; init; } = DateTimeOffset.MaxValue;

    /// <summary>Whether the caller manages the tenant.</summary>
    public bool IsAdmin => Scopes.Contains(Contracts.Scopes.Admin);

    /// <summary>Whether the token has the scope; <c>admin</c> has every one.</summary>
    public bool Has(string scope) => Scopes.Contains(scope) || IsAdmin;

    /// <summary>Whether <paramref name="subject"/> means this caller: by name, by a role, or as an agent that it speaks for.</summary>
    public bool Is(Subject subject) => subject.Kind switch
    {
        SubjectKind.Agent when Agents.Contains(subject.Id) => true,
        _ when IsAgentsAlone => false,
        SubjectKind.Role => subject.Id == "*" || Roles.Contains(subject.Id),
        _ => Subject == subject,
    };
}
