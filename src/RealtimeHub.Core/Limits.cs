namespace RealtimeHub.Core;

/// <summary>The documented limits of a node. Configured under <c>Limits</c>; 0 switches one off.</summary>
/// <remarks>A limit that is off reads as <see cref="int.MaxValue"/>, so that whoever asks needs no case of its own.</remarks>
/// <exception cref="ArgumentOutOfRangeException">A limit is set to a negative number.</exception>
public sealed class Limits
{
    /// <summary>Longest text of a command, in bytes of UTF-8.</summary>
    public int TextBytes { get; set => field = OrOff(value); } = 32 * 1024;

    /// <summary>Longest text of one message, reasoning or arguments, put together from its deltas, in bytes of UTF-8.</summary>
    public int AccumulatedTextBytes { get; set => field = OrOff(value); } = 256 * 1024;

    /// <summary>Largest event, in bytes.</summary>
    public int EventBytes { get; set => field = OrOff(value); } = 512 * 1024;

    /// <summary>Largest message on the hubs of operators and observers, in bytes.</summary>
    public int HubMessageBytes { get; set => field = OrOff(value); } = 128 * 1024;

    /// <summary>Largest message on the hub of agent runtimes, in bytes.</summary>
    public int AgentMessageBytes { get; set => field = OrOff(value); } = 1280 * 1024;

    /// <summary>Most topics that one connection may watch.</summary>
    public int SubscriptionsPerConnection { get; set => field = OrOff(value); } = 256;

    /// <summary>Most connections that one user may have on a node, over all hubs.</summary>
    public int ConnectionsPerUser { get; set => field = OrOff(value); } = 20;

    /// <summary>Largest body of an HTTP request, in bytes.</summary>
    public int BodyBytes { get; set => field = OrOff(value); } = 1024 * 1024;

    /// <summary>Commands that one user may send, a second, over all surfaces.</summary>
    public int CommandsPerSecond { get; set => field = OrOff(value); } = 50;

    /// <summary>Commands that one user may send at once, after a pause.</summary>
    public int CommandBurst { get; set => field = OrOff(value); } = 100;

    /// <summary>Events that one agent, or one publisher that is none, may publish, a second.</summary>
    public int PublishedEventsPerSecond { get; set => field = OrOff(value); } = 2000;

    /// <summary>Events that one agent or publisher may publish at once, after a pause.</summary>
    public int PublishBurst { get; set => field = OrOff(value); } = 4000;

    /// <summary>Pages of history that one user may read, a second.</summary>
    public int HistoryReadsPerSecond { get; set => field = OrOff(value); } = 20;

    private static int OrOff(int value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        return value == 0 ? int.MaxValue : value;
    }
}
