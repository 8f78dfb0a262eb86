namespace RealtimeHub.Contracts;

/// <summary>Gives somebody a permission on an agent or a process.</summary>
public sealed record GrantAccess : IKeyedRequest
{
    /// <summary>An agent or a process.</summary>
    public required string Topic { get; init; }

    /// <summary>To whom; the role <c>*</c> is everyone in the tenant.</summary>
    public required Subject Subject { get; init; }

    /// <summary>What they may do from now on.</summary>
    public required Permission Permission { get; init; }

    /// <inheritdoc/>
    public string? IdempotencyKey { get; init; }
}

/// <summary>Takes a permission back that was given by itself; what somebody holds in another way stays.</summary>
public sealed record RevokeAccess : IKeyedRequest
{
    /// <summary>An agent or a process.</summary>
    public required string Topic { get; init; }

    /// <summary>From whom.</summary>
    public required Subject Subject { get; init; }

    /// <summary>Which permission.</summary>
    public required Permission Permission { get; init; }

    /// <inheritdoc/>
    public string? IdempotencyKey { get; init; }
}
