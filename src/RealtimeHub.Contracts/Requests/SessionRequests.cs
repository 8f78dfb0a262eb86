namespace RealtimeHub.Contracts;

/// <summary>Ends somebody's sessions: tokens issued before now are <c>unauthenticated</c> until they expire, and connections end at once.</summary>
public sealed record RevokeSessions : IKeyedRequest
{
    /// <summary>A user or a device.</summary>
    public required Subject Subject { get; init; }

    /// <inheritdoc/>
    public string? IdempotencyKey { get; init; }
}
