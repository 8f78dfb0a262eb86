using System.Collections.Frozen;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Tests.Node;

/// <summary>Who asks, in tests. Everybody is of the tenant <c>acme</c> unless it says otherwise.</summary>
internal static class Callers
{
    public const string Tenant = "acme";

    private static readonly FrozenSet<string> UserScopes = Scopes.All.Where(s => s != Scopes.Admin).ToFrozenSet();

    /// <summary>A user with every scope but admin.</summary>
    public static Caller Ada { get; } = User("ada");

    public static Caller Bob { get; } = User("bob");

    public static Caller Eve { get; } = User("eve");

    /// <summary>The tenant's admin.</summary>
    public static Caller Admin { get; } = User("root") with { Scopes = [Scopes.Admin] };

    /// <summary>The admin of another tenant.</summary>
    public static Caller OtherAdmin { get; } = Admin with { Tenant = "globex" };

    /// <summary>The runtime of the agent <c>writer</c>.</summary>
    public static Caller Writer { get; } = AgentRuntime("writer");

    /// <summary>The runtime of another agent.</summary>
    public static Caller Critic { get; } = AgentRuntime("critic");

    public static Caller User(string id) => new()
    {
        Tenant = Tenant, Subject = Subject.User(id), Scopes = UserScopes, Surface = Surface.OperatorHub, ConnectionId = $"c-{id}",
    };

    public static Caller AgentRuntime(params string[] agents) => new()
    {
        Tenant = Tenant, Subject = Subject.Agent(agents[0]), Scopes = [Scopes.EventsPublish], Agents = [.. agents], Surface = Surface.AgentHub,
    };

    /// <summary>The same caller without one of its scopes.</summary>
    public static Caller Without(this Caller caller, string scope) => caller with { Scopes = caller.Scopes.Where(s => s != scope).ToFrozenSet() };

    /// <summary>A user with this role of the identity provider.</summary>
    public static Caller InRole(this Caller caller, string role) => caller with { Roles = [role] };
}
