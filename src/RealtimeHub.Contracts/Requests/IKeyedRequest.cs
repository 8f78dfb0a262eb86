namespace RealtimeHub.Contracts;

/// <summary>A request that changes something, and may be sent again with the same key without doing it twice.</summary>
public interface IKeyedRequest
{
    /// <summary>Up to 128 characters; scoped to tenant, caller and request type; remembered for 24 hours.</summary>
    string? IdempotencyKey { get; init; }
}
