namespace RealtimeHub.Core.Delivery;

/// <summary>A finished message of one hub protocol. The same frame is written to every connection that is to receive the same.</summary>
/// <param name="bytes">What an <see cref="IMessageEncoder"/> made; never changed afterwards.</param>
/// <param name="events">How many events are in it.</param>
public sealed class Frame(ReadOnlyMemory<byte> bytes, int events = 0)
{
    /// <summary>How many events are in it.</summary>
    public int Events => events;

    /// <summary>The message as it goes over the wire.</summary>
    public ReadOnlyMemory<byte> Bytes => bytes;

    /// <summary>What the transport makes of the bytes, once for all connections. The transport's own; making it twice does no harm.</summary>
    public object? Prepared { get; set; }
}
