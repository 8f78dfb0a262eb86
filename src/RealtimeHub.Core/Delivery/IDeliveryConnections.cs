using RealtimeHub.Contracts;

namespace RealtimeHub.Core.Delivery;

/// <summary>The connections of a node, as the transport reports them.</summary>
public interface IDeliveryConnections
{
    /// <summary>A connection is open: from now on it can subscribe.</summary>
    void Connected(IConnectionWriter writer);

    /// <summary>A connection is gone: its subscriptions end.</summary>
    void Disconnected(string connectionId);

    /// <summary>Says <c>Closing</c> to a connection, in order with what it was sent before; nothing happens if it is gone.</summary>
    ValueTask SayClosingAsync(string connectionId, ClosingMessage message);
}
