using System.Text.Json;
using RealtimeHub.Contracts;

namespace RealtimeHub.Client;

/// <summary>What a subscription yields: a snapshot, events, a notice about itself, or its end.</summary>
/// <param name="Topic">Which topic.</param>
public abstract record SubscriptionItem(string Topic);

/// <summary>The topic's state; what follows are the events after it.</summary>
/// <param name="Topic">Which topic.</param>
/// <param name="State">The folded state; its members depend on the topic's kind.</param>
/// <param name="Cursor">The position that it is the state at.</param>
/// <param name="Restart">
/// It was not asked for: the position that the subscription had is of another log or older than what is kept.
/// What was made of earlier items must be thrown away.
/// </param>
public sealed record SnapshotReceived(string Topic, JsonElement State, string Cursor, bool Restart) : SubscriptionItem(Topic);

/// <summary>Events in order: across reconnections none is missing and none comes twice.</summary>
/// <param name="Topic">Which topic.</param>
/// <param name="Events">At least one.</param>
/// <param name="Cursor">The position after the last one; keep it to go on from there in another process.</param>
public sealed record EventsReceived(string Topic, IReadOnlyList<Event> Events, string Cursor) : SubscriptionItem(Topic);

/// <summary>Something happened to the subscription itself, which goes on.</summary>
/// <param name="Topic">Which topic.</param>
/// <param name="Status">Behind, live, or reset (a snapshot follows).</param>
/// <param name="Reason">For people.</param>
public sealed record SubscriptionChanged(string Topic, SubscriptionStatus Status, string? Reason = null) : SubscriptionItem(Topic);

/// <summary>The last item of a subscription that the server ended or did not begin.</summary>
/// <param name="Topic">Which topic.</param>
/// <param name="Why">Why.</param>
/// <param name="Reason">For people.</param>
public sealed record SubscriptionEnded(string Topic, SubscriptionEnd Why, string? Reason = null) : SubscriptionItem(Topic);

/// <summary>Why a subscription ended.</summary>
public enum SubscriptionEnd
{
    /// <summary>No such topic, or none that the caller may see.</summary>
    NotFound,

    /// <summary>The scope is missing.</summary>
    Forbidden,

    /// <summary>The connection has as many subscriptions as it may have.</summary>
    Limit,

    /// <summary>The permission ended.</summary>
    Revoked,

    /// <summary>The server ended the connection and asked not to come back.</summary>
    Closed,
}
