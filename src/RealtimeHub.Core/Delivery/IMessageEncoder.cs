using RealtimeHub.Contracts;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Delivery;

/// <summary>Writes what the engine sends as finished frames of one hub protocol. Thread-safe; the bytes are never changed afterwards.</summary>
public interface IMessageEncoder
{
    /// <summary>Name of the hub protocol.</summary>
    string Protocol { get; }

    /// <summary>One event as it stands inside an <c>Events</c> message, with its sequence; its data is not re-serialized.</summary>
    ReadOnlyMemory<byte> EncodeEvent(StoredEvent e);

    /// <summary>An <c>Events</c> message of events that <see cref="EncodeEvent"/> wrote.</summary>
    ReadOnlyMemory<byte> EncodeEvents(Topic topic, Cursor cursor, IReadOnlyList<ReadOnlyMemory<byte>> events);

    /// <summary>A <c>Snapshot</c> message; <paramref name="state"/> is UTF-8 JSON.</summary>
    ReadOnlyMemory<byte> EncodeSnapshot(Topic topic, string? reference, ReadOnlyMemory<byte> state, Cursor cursor);

    /// <summary>A <c>SubscriptionChanged</c> message.</summary>
    ReadOnlyMemory<byte> EncodeSubscriptionChanged(SubscriptionChangedMessage message);

    /// <summary>A <c>Closing</c> message.</summary>
    ReadOnlyMemory<byte> EncodeClosing(ClosingMessage message);
}
