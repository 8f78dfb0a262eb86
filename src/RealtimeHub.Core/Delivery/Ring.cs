using RealtimeHub.Core.Folds;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Delivery;

/// <summary>An event on its way to subscribers: encoded once per protocol, whoever asks first.</summary>
internal sealed class FeedEvent(StoredEvent stored, StateMark mark, long arrived = 0)
{
    private (IMessageEncoder Encoder, ReadOnlyMemory<byte> Bytes)[] encoded = [];

    public StoredEvent Stored { get; } = stored;

    public long Sequence => Stored.Sequence;

    /// <summary>The topic's last state event at or before this one.</summary>
    public StateMark Mark { get; } = mark;

    /// <summary>Timestamp of its arrival; only events in a ring have one.</summary>
    public long Arrived { get; } = arrived;

    /// <summary>The message, reasoning or tool call that this is a delta of; null for state events.</summary>
    public string? DeltaOf { get; } = DeltaItem.KeyOf(stored);

    // Called by the loop that owns the feed alone, so the array needs no lock.
    public ReadOnlyMemory<byte> Encode(IMessageEncoder encoder)
    {
        foreach (var (known, bytes) in encoded)
        {
            if (ReferenceEquals(known, encoder))
            {
                return bytes;
            }
        }

        var made = encoder.EncodeEvent(Stored);
        encoded = [.. encoded, (encoder, made)];
        return made;
    }
}

/// <summary>A topic's newest events. Everything above <see cref="Floor"/> is in it; what is at or below is in the log.</summary>
internal sealed class Ring(DeliveryOptions options, TimeProvider time)
{
    private readonly List<FeedEvent> events = [];
    private int start;

    /// <summary>The ring holds every event of the topic above this sequence.</summary>
    public long Floor { get; private set; }

    /// <summary>How many events it holds.</summary>
    public int Count => events.Count - start;

    /// <summary>Forgets everything; from now on it holds what comes after <paramref name="floor"/>.</summary>
    public void Restart(long floor)
    {
        events.Clear();
        start = 0;
        Floor = floor;
    }

    public void Add(FeedEvent e)
    {
        events.Add(e);
        Trim();
    }

    /// <summary>Lets go of events that are too many or too old.</summary>
    public void Trim()
    {
        while (Count > options.RingMaxEvents
            || (Count > options.RingEvents && time.GetElapsedTime(events[start].Arrived) > options.RingTime))
        {
            Floor = events[start].Sequence;
            events[start++] = null!;
        }

        // Amortized: an element is moved once for every element that was added.
        if (start > options.RingEvents && start > events.Count / 2)
        {
            events.RemoveRange(0, start);
            start = 0;
        }
    }

    /// <summary>The events above a sequence that is not below <see cref="Floor"/>, oldest first.</summary>
    public ReadOnlySpan<FeedEvent> After(long sequence)
    {
        var (low, high) = (start, events.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = events[middle].Sequence > sequence ? (low, middle) : (middle + 1, high);
        }

        return System.Runtime.InteropServices.CollectionsMarshal.AsSpan(events)[low..];
    }
}
