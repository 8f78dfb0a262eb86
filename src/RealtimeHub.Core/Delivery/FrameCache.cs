using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Delivery;

/// <summary>The frames that a feed made last, so that subscriptions at the same place are written the same bytes. Owned by the feed's loop.</summary>
internal sealed class FrameCache
{
    // Two protocols at the head, and the chunks that a herd of clients catches up through: 512 KiB at most.
    private const int Capacity = 8;

    private readonly List<CachedFrame> frames = new(Capacity);

    public int Count => frames.Count;

    /// <summary>A frame that begins after <paramref name="from"/>; null when there is none, or there is more to say by now.</summary>
    public CachedFrame? Find(IMessageEncoder encoder, long from, long head)
    {
        foreach (var frame in frames)
        {
            if (frame.From == from && ReferenceEquals(frame.Encoder, encoder) && (frame.IsFull || frame.Position == head))
            {
                return frame;
            }
        }

        return null;
    }

    public void Add(CachedFrame frame)
    {
        if (frames.Count == Capacity)
        {
            frames.RemoveAt(0);
        }

        frames.Add(frame);
    }

    public void Clear() => frames.Clear();
}

/// <summary>A frame of events and where it leads.</summary>
/// <param name="Encoder">Its protocol.</param>
/// <param name="From">It begins after this sequence.</param>
/// <param name="Frame">What is written.</param>
/// <param name="Position">The sequence that whoever was written it is at.</param>
/// <param name="Mark">The topic's last state event there.</param>
/// <param name="IsFull">Whether it was cut: later events would not make it longer.</param>
internal sealed record CachedFrame(IMessageEncoder Encoder, long From, Frame Frame, long Position, StateMark Mark, bool IsFull);
