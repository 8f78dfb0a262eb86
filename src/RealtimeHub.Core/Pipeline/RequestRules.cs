using RealtimeHub.Contracts;

namespace RealtimeHub.Core.Pipeline;

/// <summary>Where a request may come from: a hub method, or an HTTP route.</summary>
/// <param name="Surface">The hub, or <see cref="Surface.Http"/>.</param>
/// <param name="Name">The hub method; on HTTP the verb and the route template.</param>
public sealed record Offer(Surface Surface, string Name)
{
    /// <summary>A method of the operators' hub.</summary>
    public static Offer Operator(string method) => new(Surface.OperatorHub, method);

    /// <summary>A method of the agent runtimes' hub.</summary>
    public static Offer Agent(string method) => new(Surface.AgentHub, method);

    /// <summary>An HTTP route, as <c>POST /api/v1/conversations</c>.</summary>
    public static Offer Http(string route) => new(Surface.Http, route);

    /// <summary>A method of every hub.</summary>
    public static IReadOnlyList<Offer> EveryHub(string method) =>
        [new(Surface.EventsHub, method), new(Surface.OperatorHub, method), new(Surface.AgentHub, method)];
}

/// <summary>What a request type declares of itself. One that declares nothing does not run.</summary>
public sealed record RequestRules
{
    /// <summary>The scope that it takes; null when that depends on the topic, which the use case then checks itself.</summary>
    public required string? Scope { get; init; }

    /// <summary>The surfaces that it is offered on, and on no others.</summary>
    public required IReadOnlyList<Offer> Offers { get; init; }

    /// <summary>The least permission on the topic that it touches; null when it makes the topic, or touches none.</summary>
    public Permission? Role { get; init; }
}
