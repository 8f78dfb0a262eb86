namespace RealtimeHub.Core.Delivery;

/// <summary>One client's connection, as far as the engine writes to it.</summary>
public interface IConnectionWriter
{
    /// <summary>Unique on this node.</summary>
    string ConnectionId { get; }

    /// <summary>Which hub it is a connection of; empty where that is nobody's concern.</summary>
    string Hub => "";

    /// <summary>The encoder of the connection's hub protocol.</summary>
    IMessageEncoder Encoder { get; }

    /// <summary>Writes one frame of <see cref="Encoder"/>'s. Completes when the transport took it, which for a slow client is late.</summary>
    /// <remarks>Never fails: a connection that is gone takes everything, and the engine hears of its end by being told.</remarks>
    ValueTask WriteAsync(Frame frame);

    /// <summary>Ends the connection without waiting for what is still to be written.</summary>
    /// <param name="allowReconnect">Whether the stock clients may come back by themselves.</param>
    void End(bool allowReconnect);
}
