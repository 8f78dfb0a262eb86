namespace RealtimeHub.Core.Delivery;

/// <summary>How the engine is tuned. The defaults are the product's; tests make them small.</summary>
public sealed class DeliveryOptions
{
    /// <summary>A ring keeps at least this many of its topic's newest events.</summary>
    public int RingEvents { get; set; } = 1024;

    /// <summary>A ring also keeps every event that is younger than this, up to <see cref="RingMaxEvents"/>.</summary>
    public TimeSpan RingTime { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>A ring keeps no more events than this, however young.</summary>
    public int RingMaxEvents { get; set; } = 16 * 1024;

    /// <summary>A ring keeps no more bytes than this, however few and young its events: 1,024 of 4 KiB with room to spare.</summary>
    public int RingMaxBytes { get; set; } = 32 * 1024 * 1024;

    /// <summary>When the rings of the node together hold more than this, they keep only what is younger than <see cref="RingTime"/>.</summary>
    public long RingBytesPerNode { get; set; } = 512 * 1024 * 1024;

    /// <summary>When feeds have more bytes than this still to take, the tail waits for them.</summary>
    public long BacklogBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>The most that a frame of events holds besides them: names, a topic, a cursor.</summary>
    internal const int EnvelopeBytes = 512;

    /// <summary>A frame has <see cref="ProgressTimeout"/> for every so many bytes.</summary>
    internal const int ProgressBytes = 64 * 1024;

    /// <summary>The most that an event's sequence and the comma take.</summary>
    internal const int SequenceBytes = 24;

    /// <summary>A frame of events is cut here: measured, a client that reads 200 KB/s survives 32 to 64 KiB frames and never an 8 MB one.</summary>
    public int BatchBytes { get; set; } = 64 * 1024;

    /// <summary>Events that one catch-up read takes from the log.</summary>
    public int PageEvents { get; set; } = 500;

    /// <summary>Bytes of events that one catch-up read takes from the log; a single larger event is taken alone.</summary>
    public int PageBytes { get; set; } = 256 * 1024;

    /// <summary>Catch-up reads in flight on a node: enough to keep a disk busy, too few to starve the commands' own reads.</summary>
    public int LogReadsPerNode { get; set; } = 8;

    /// <summary>Frames that a subscription may write in one go before others of its topic have a turn.</summary>
    public int FramesPerTurn { get; set; } = 8;

    /// <summary>A subscription that lags by more events than this is told that it is behind.</summary>
    public int BehindEvents { get; set; } = 1000;

    /// <summary>A subscription that lags for longer than this is told that it is behind.</summary>
    public TimeSpan BehindTime { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>A connection that takes no frame for this long is ended. A frame larger than 64 KiB, a snapshot say, has that much more time.</summary>
    public TimeSpan ProgressTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>A feed without subscriptions goes away after this.</summary>
    public TimeSpan FeedIdleTime { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often lag, progress and idleness are looked at.</summary>
    public TimeSpan SweepPeriod { get; set; } = TimeSpan.FromSeconds(1);
}
