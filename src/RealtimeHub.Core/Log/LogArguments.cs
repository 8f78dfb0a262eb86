using RealtimeHub.Contracts;

namespace RealtimeHub.Core.Log;

/// <summary>What every <see cref="IEventLog"/> refuses before it does anything: mistakes of the caller, never of the log.</summary>
public static class LogArguments
{
    /// <summary>Longest range that one read may ask for.</summary>
    public const int MaxLimit = 10_000;

    /// <summary>Refuses an append of nothing, and events that could not be read back: a log that took one would skip it for ever.</summary>
    /// <exception cref="ArgumentException">A topic that is none, no events, or one whose body is no event of that id and lane.</exception>
    public static void Check(TopicKey topic, IReadOnlyList<NewEvent> events)
    {
        Check(topic);
        ArgumentNullException.ThrowIfNull(events);
        if (events.Count == 0)
        {
            throw new ArgumentException("An append takes at least one event.", nameof(events));
        }

        foreach (var e in events)
        {
            if (!e.Body.Span.StartsWith("{\"id\":"u8) || StoredEvent.TryRead(topic, e.Lane, 0, e.Body, e.Meta)?.Id != e.Id)
            {
                throw new ArgumentException($"The body of event '{e.Id}' is no event of that id and of the {e.Lane} lane.", nameof(events));
            }
        }
    }

    /// <summary>Refuses a topic whose names would reach beyond their place in a key or a subject, or could not be read back from it.</summary>
    /// <exception cref="ArgumentException">Its tenant or its id does not fit <see cref="Ids"/>.</exception>
    public static void Check(TopicKey topic)
    {
        if (!Ids.IsValid(topic.Tenant) || !Ids.IsValid(topic.Topic.Id))
        {
            throw new ArgumentException($"'{topic}' is no topic.", nameof(topic));
        }
    }

    /// <summary>Refuses a range without a sensible limit.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The limit is not 1 to 10,000, or no bytes are allowed.</exception>
    public static void Check(LogRange range)
    {
        ArgumentNullException.ThrowIfNull(range);
        if (range.Limit is < 1 or > MaxLimit)
        {
            throw new ArgumentOutOfRangeException(nameof(range), range.Limit, $"A read takes 1 to {MaxLimit} events.");
        }

        if (range.MaxBytes < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(range), range.MaxBytes, "A read takes at least one byte.");
        }
    }
}
