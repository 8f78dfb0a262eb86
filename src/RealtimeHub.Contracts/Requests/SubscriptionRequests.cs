namespace RealtimeHub.Contracts;

/// <summary>Where a subscription begins.</summary>
public enum SubscribeFrom
{
    /// <summary>Only what comes next.</summary>
    Latest,

    /// <summary>Everything that is kept.</summary>
    Earliest,

    /// <summary>The state now, then what follows it.</summary>
    Snapshot,

    /// <summary>Everything after the cursor.</summary>
    Cursor,
}

/// <summary>One topic to watch.</summary>
public sealed record SubscriptionRequest
{
    /// <summary>Which topic.</summary>
    public required string Topic { get; init; }

    /// <summary>Where to begin.</summary>
    public required SubscribeFrom From { get; init; }

    /// <summary>With <see cref="SubscribeFrom.Cursor"/>: the position to go on from.</summary>
    public string? Cursor { get; init; }

    /// <summary>Up to 32 characters; echoed in what concerns the subscription itself.</summary>
    public string? Ref { get; init; }
}

/// <summary>Watches topics. A topic that is already watched gets the new subscription in place of the old one.</summary>
public sealed record Subscribe
{
    /// <summary>At least one.</summary>
    public required IReadOnlyList<SubscriptionRequest> Subscriptions { get; init; }
}

/// <summary>How a subscription began.</summary>
public enum SubscribeStatus
{
    /// <summary>It began as asked.</summary>
    Ok,

    /// <summary>It goes on after the cursor.</summary>
    Resumed,

    /// <summary>The cursor is of another epoch or another topic; a snapshot follows.</summary>
    Reset,

    /// <summary>The cursor is older than what is kept; a snapshot follows.</summary>
    Expired,

    /// <summary>No such topic, or none that the caller may see; nothing is subscribed.</summary>
    NotFound,

    /// <summary>The scope is missing; nothing is subscribed.</summary>
    Forbidden,

    /// <summary>The connection has as many subscriptions as it may have; nothing is subscribed.</summary>
    Limit,
}

/// <summary>The outcome for one topic.</summary>
/// <param name="Topic">Which topic.</param>
/// <param name="Status">How it began.</param>
/// <param name="Ref">As in the request.</param>
/// <param name="Cursor">The starting position, to be ignored once events or a snapshot came; null when nothing is subscribed.</param>
public sealed record SubscriptionOutcome(string Topic, SubscribeStatus Status, string? Ref = null, string? Cursor = null);

/// <summary>The outcomes, in the order of the request.</summary>
public sealed record SubscribeResult(IReadOnlyList<SubscriptionOutcome> Subscriptions);

/// <summary>Stops watching topics. After its reply no event of them arrives.</summary>
public sealed record Unsubscribe
{
    /// <summary>Which topics; one that is not watched is no error.</summary>
    public required IReadOnlyList<string> Topics { get; init; }
}
