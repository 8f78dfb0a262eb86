namespace RealtimeHub.Core.Delivery;

/// <summary>What the engine has to do, for those who look after the node.</summary>
internal interface IDeliveryLoad
{
    /// <summary>Whether the tail follows the log.</summary>
    bool IsFollowing { get; }

    /// <summary>Sequence of the last event that the tail handed on.</summary>
    long TailPosition { get; }

    /// <summary>Topics that are watched, or were a moment ago.</summary>
    int Feeds { get; }

    /// <summary>Pages of history that were read for subscriptions.</summary>
    long LogReads { get; }

    /// <summary>Bytes that the rings of all feeds hold.</summary>
    long RingBytes { get; }

    /// <summary>Bytes of events on their way to their feeds.</summary>
    long BacklogBytes { get; }

    /// <summary>Counts the connections, one by one.</summary>
    ConnectionLoad CountConnections();
}

/// <summary>Connections by what they are doing and by hub, and their subscriptions.</summary>
internal sealed record ConnectionLoad(int Idle, int Writing, int Busy, int Subscriptions, IReadOnlyDictionary<string, int> ByHub);

internal sealed class DeliveryLoad(Connections connections, Feeds feeds, Tail tail, LogPages pages, DeliveryMemory memory) : IDeliveryLoad
{
    public bool IsFollowing => tail.IsFollowing;

    public long TailPosition => tail.Position;

    public int Feeds => feeds.Count;

    public long LogReads => pages.Reads;

    public long RingBytes => memory.RingBytes;

    public long BacklogBytes => memory.BacklogBytes;

    public ConnectionLoad CountConnections() => connections.CountLoad();
}
