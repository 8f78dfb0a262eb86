namespace RealtimeHub.Contracts;

/// <summary>Which part of a topic an event belongs to. Both lanes share the log's one order.</summary>
public enum Lane
{
    /// <summary>Everything that folds into state. Never purged by age; guarded by optimistic concurrency.</summary>
    State,

    /// <summary>The <c>*delta</c> events, which only matter while they are new.</summary>
    Stream,
}
