namespace RealtimeHub.Contracts;

/// <summary>Registers an agent, or describes a registered one anew.</summary>
public sealed record RegisterAgent : IKeyedRequest
{
    /// <summary>A name of the caller's choice.</summary>
    public required string AgentId { get; init; }

    /// <summary>1 to 200 characters.</summary>
    public required string Name { get; init; }

    /// <summary>Up to 2,000 characters.</summary>
    public string? Description { get; init; }

    /// <summary>What it can do, in words of the platform's choice; at most 64 of 128 characters.</summary>
    public IReadOnlyList<string>? Capabilities { get; init; }

    /// <summary>Who may see and operate it; at most 256.</summary>
    public IReadOnlyList<AccessGrant>? Grants { get; init; }

    /// <inheritdoc/>
    public string? IdempotencyKey { get; init; }
}

/// <summary>What <see cref="RegisterAgent"/> registered.</summary>
public sealed record RegisterAgentResult(string AgentId)
{
    /// <summary>Whether the agent is new; HTTP says so by its status, hubs do not.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool Registered { get; init; }
}

/// <summary>Changes the description of an agent; what is absent stays as it is.</summary>
public sealed record UpdateAgent : IKeyedRequest
{
    /// <summary>Which agent.</summary>
    public required string AgentId { get; init; }

    /// <summary>1 to 200 characters.</summary>
    public string? Name { get; init; }

    /// <summary>Up to 2,000 characters; empty clears it.</summary>
    public string? Description { get; init; }

    /// <summary>All of them from now on; at most 64 of 128 characters.</summary>
    public IReadOnlyList<string>? Capabilities { get; init; }

    /// <summary>All of them from now on; at most 256.</summary>
    public IReadOnlyList<AccessGrant>? Grants { get; init; }

    /// <inheritdoc/>
    public string? IdempotencyKey { get; init; }
}

/// <summary>Stores what an agent or a service did; checked whole before the first event is stored, stored in order.</summary>
public sealed record PublishEvents
{
    /// <summary>Where to.</summary>
    public required string Topic { get; init; }

    /// <summary>The agent that speaks; may be left out when the token names one.</summary>
    public string? AgentId { get; init; }

    /// <summary>1 to 500 events, at most 1 MiB.</summary>
    public required IReadOnlyList<PublishedEvent> Events { get; init; }
}

/// <summary>How many events the log has, and the sequence of the last one.</summary>
public sealed record PublishResult(int Stored, long LastSeq);
