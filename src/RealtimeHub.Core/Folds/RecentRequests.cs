using System.Collections.Immutable;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Folds;

/// <summary>What a topic remembers for 24 hours, so that what is sent again is done once: keyed requests, and the ids of state events.</summary>
/// <remarks>Old entries go as new ones come, by the events' own times; a quiet topic keeps them longer, which does no harm.</remarks>
public sealed record RecentRequests(
    ImmutableDictionary<string, KeyedOutcome> Keys,
    ImmutableDictionary<string, RecentEvent> Events,
    ImmutableQueue<RecentEntry> Order)
{
    /// <summary>How long a topic remembers.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromHours(24);

    /// <summary>Nothing yet.</summary>
    public static RecentRequests Empty { get; } = new(
        ImmutableDictionary.Create<string, KeyedOutcome>(StringComparer.Ordinal),
        ImmutableDictionary.Create<string, RecentEvent>(StringComparer.Ordinal),
        []);

    /// <summary>What a keyed request did; null when it is not remembered at <paramref name="now"/>.</summary>
    public KeyedOutcome? FindKey(string keyHash, DateTimeOffset now) =>
        Keys.TryGetValue(keyHash, out var outcome) && now - outcome.Time < Memory ? outcome : null;

    /// <summary>The state event of that id; null when it is not remembered at <paramref name="now"/>.</summary>
    public RecentEvent? FindEvent(string eventId, DateTimeOffset now) =>
        Events.TryGetValue(eventId, out var e) && now - e.Time < Memory ? e : null;

    /// <summary>Remembers a state event and forgets what is too old.</summary>
    public RecentRequests With(StoredEvent e)
    {
        if (e.Lane != Lane.State)
        {
            return this;
        }

        var (keys, events, order) = (Keys, Events, Order);
        while (!order.IsEmpty && e.Time - order.Peek().Time > Memory)
        {
            order = order.Dequeue(out var old);
            events = events.Remove(old.EventId);
            keys = old.KeyHash is null ? keys : keys.Remove(old.KeyHash);
        }

        events = events.SetItem(e.Id, new RecentEvent(e.Sequence, e.Actor, e.Time));
        var keyHash = e.Meta?.KeyHash;
        if (keyHash is not null)
        {
            keys = keys.SetItem(keyHash, new KeyedOutcome(e.Sequence, e.Id, e.Meta!.BodyHash ?? "", e.Time));
        }

        return new RecentRequests(keys, events, order.Enqueue(new RecentEntry(e.Id, keyHash, e.Time)));
    }
}

/// <summary>The event that a keyed request appended, and the hash of its body.</summary>
public sealed record KeyedOutcome(long Sequence, string EventId, string BodyHash, DateTimeOffset Time);

/// <summary>Where a state event is, and whose it is.</summary>
public sealed record RecentEvent(long Sequence, Subject Actor, DateTimeOffset Time);

/// <summary>What to forget, and when.</summary>
public sealed record RecentEntry(string EventId, string? KeyHash, DateTimeOffset Time);
