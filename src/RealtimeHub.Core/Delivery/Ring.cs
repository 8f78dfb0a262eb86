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

    /// <summary>Number of the part of the ring that it belongs to; a frame holds events of one part.</summary>
    public long Chunk { get; set; }

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
/// <remarks>
/// It is cut into chunks of one frame each. Wherever clients begin to catch up, after their first frame all of them are at the start of a
/// chunk, and are written the same bytes.
/// </remarks>
internal sealed class Ring(DeliveryOptions options, DeliveryMemory memory, TimeProvider time)
{
    private readonly List<FeedEvent> events = [];
    private int start;
    private long bytes;
    private long chunk;
    private int chunkBytes;
    private StateMark floorMark;

    /// <summary>The ring holds every event of the topic above this sequence.</summary>
    public long Floor { get; private set; }

    /// <summary>How many events it holds.</summary>
    public int Count => events.Count - start;

    /// <summary>Whether time alone may make it smaller.</summary>
    public bool Ages => Count > options.RingEvents || memory.IsTight;

    /// <summary>Forgets everything; from now on it holds what comes after <paramref name="floor"/>.</summary>
    /// <param name="floor">Where it begins.</param>
    /// <param name="mark">The topic's last state event there.</param>
    public void Restart(long floor, StateMark mark)
    {
        floorMark = mark;
        events.Clear();
        start = 0;
        Floor = floor;
        memory.AddToRings(-bytes);
        bytes = 0;
    }

    public void Add(FeedEvent e)
    {
        chunkBytes += e.Stored.Body.Length + DeliveryOptions.SequenceBytes;
        if (chunkBytes > options.BatchBytes - DeliveryOptions.EnvelopeBytes)
        {
            (chunk, chunkBytes) = (chunk + 1, e.Stored.Body.Length + DeliveryOptions.SequenceBytes);
        }

        e.Chunk = chunk;
        events.Add(e);
        CountBytes(e.Stored, 1);
        Trim();
    }

    /// <summary>Lets go of events that are too many, too large together or too old.</summary>
    public void Trim()
    {
        while (Count > 0 && IsOneTooMany(events[start]))
        {
            (Floor, floorMark) = (events[start].Sequence, events[start].Mark);
            CountBytes(events[start].Stored, -1);
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
    public ReadOnlySpan<FeedEvent> After(long sequence) =>
        System.Runtime.InteropServices.CollectionsMarshal.AsSpan(events)[IndexAfter(sequence)..];

    /// <summary>The topic's last state event at or before a sequence that is not below <see cref="Floor"/>, as far as the ring knows.</summary>
    public StateMark MarkAt(long sequence) => IndexAfter(sequence) is var index && index > start ? events[index - 1].Mark : floorMark;

    private int IndexAfter(long sequence)
    {
        var (low, high) = (start, events.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = events[middle].Sequence > sequence ? (low, middle) : (middle + 1, high);
        }

        return low;
    }

    private bool IsOneTooMany(FeedEvent oldest) =>
        Count > options.RingMaxEvents
        || bytes > options.RingMaxBytes
        || (Ages && time.GetElapsedTime(oldest.Arrived) > options.RingTime);

    private void CountBytes(StoredEvent e, int sign)
    {
        var cost = sign * DeliveryMemory.CostOf(e);
        bytes += cost;
        memory.AddToRings(cost);
    }
}
