using System.Collections.Immutable;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Folds;

/// <summary>What a topic remembers for 24 hours, so that what is sent again is done once: keyed requests, and the ids of state events.</summary>
/// <remarks>
/// Old entries go as new ones come, by the events' own times; a quiet topic keeps them longer, which does no harm. A busy one keeps the newest
/// <see cref="MaxKeys"/> and <see cref="MaxEvents"/>: beyond them the log is asked (<c>IEventLog.FindAsync</c>), and recognizes what is
/// appended again by its id.
/// </remarks>
public sealed record RecentRequests(
    ImmutableDictionary<string, KeyedOutcome> Keys,
    ImmutableDictionary<string, RecentEvent> Events,
    ImmutableQueue<RecentEntry> Order,
    ImmutableQueue<RecentEntry> KeyOrder)
{
    /// <summary>How long a topic remembers.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromHours(24);

    /// <summary>The most keyed requests that a topic remembers; some 10 MiB.</summary>
    public const int MaxKeys = 10_000;

    /// <summary>The most ids of other events that a topic remembers: some 4 MiB, and a checkpoint that still fits a document.</summary>
    public const int MaxEvents = 5_000;

    /// <summary>Nothing yet.</summary>
    public static RecentRequests Empty { get; } = new(
        ImmutableDictionary.Create<string, KeyedOutcome>(StringComparer.Ordinal),
        ImmutableDictionary.Create<string, RecentEvent>(StringComparer.Ordinal),
        [],
        []);

    /// <summary>Remembers nothing: for whoever only watches.</summary>
    public static RecentRequests Off { get; } = Empty with { };

    /// <summary>What a keyed request did; null when it is not remembered at <paramref name="now"/>.</summary>
    public KeyedOutcome? FindKey(string keyHash, DateTimeOffset now) =>
        Keys.TryGetValue(keyHash, out var outcome) && now - outcome.Time < Memory ? outcome : null;

    /// <summary>The state event of that id; null when it is not remembered at <paramref name="now"/>.</summary>
    public RecentEvent? FindEvent(string eventId, DateTimeOffset now) =>
        Events.TryGetValue(eventId, out var e) && now - e.Time < Memory ? e : null;

    /// <summary>Remembers a state event and forgets what is too old.</summary>
    public RecentRequests With(StoredEvent e)
    {
        if (e.Lane != Lane.State || ReferenceEquals(this, Off))
        {
            return this;
        }

        var keyHash = e.Meta?.KeyHash;
        var entry = new RecentEntry(e.Id, keyHash, e.Time);
        var next = Forget(e.Time);
        return next with
        {
            Keys = keyHash is null ? next.Keys : next.Keys.SetItem(keyHash, new KeyedOutcome(e.Sequence, e.Id, e.Meta!.BodyHash ?? "", e.Time)),
            Events = next.Events.SetItem(e.Id, new RecentEvent(e.Sequence, e.Actor, e.Time)),
            Order = keyHash is null ? next.Order.Enqueue(entry) : next.Order,
            KeyOrder = keyHash is null ? next.KeyOrder : next.KeyOrder.Enqueue(entry),
        };
    }

    private RecentRequests Forget(DateTimeOffset now)
    {
        var (keys, events, order, keyOrder) = (Keys, Events, Order, KeyOrder);
        while (!order.IsEmpty && (now - order.Peek().Time > Memory || events.Count - keys.Count >= MaxEvents))
        {
            order = order.Dequeue(out var old);
            events = events.Remove(old.EventId);
        }

        while (!keyOrder.IsEmpty && (now - keyOrder.Peek().Time > Memory || keys.Count >= MaxKeys))
        {
            keyOrder = keyOrder.Dequeue(out var old);
            events = events.Remove(old.EventId);
            keys = keys.Remove(old.KeyHash!);
        }

        return new RecentRequests(keys, events, order, keyOrder);
    }
}

/// <summary>The event that a keyed request appended, and the hash of its body.</summary>
public sealed record KeyedOutcome(long Sequence, string EventId, string BodyHash, DateTimeOffset Time);

/// <summary>Where a state event is, and whose it is.</summary>
public sealed record RecentEvent(long Sequence, Subject Actor, DateTimeOffset Time);

/// <summary>What to forget, and when.</summary>
public sealed record RecentEntry(string EventId, string? KeyHash, DateTimeOffset Time);
