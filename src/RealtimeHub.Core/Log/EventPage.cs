using System.Collections;

namespace RealtimeHub.Core.Log;

/// <summary>What a read found: events in the order that was asked for.</summary>
/// <param name="events">The events.</param>
/// <param name="hasMore">See <see cref="HasMore"/>.</param>
public sealed class EventPage(IReadOnlyList<StoredEvent> events, bool hasMore) : IReadOnlyList<StoredEvent>
{
    /// <summary>False: the page reaches the end of the range. True: it was cut by its limit or its bytes, and more may follow its last event.</summary>
    /// <remarks>
    /// A page that has more has at least one event, so whoever goes on from its last one gets on. How many events a page has says nothing:
    /// long ones, and those that cannot be read, make it short.
    /// </remarks>
    public bool HasMore => hasMore;

    /// <inheritdoc/>
    public int Count => events.Count;

    /// <inheritdoc/>
    public StoredEvent this[int index] => events[index];

    /// <inheritdoc/>
    public IEnumerator<StoredEvent> GetEnumerator() => events.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
