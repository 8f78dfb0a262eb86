using System.Threading.Channels;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Delivery;

namespace RealtimeHub.Integration.Tests.Transport;

/// <summary>In the delivery engine's place: remembers what the transport reports.</summary>
internal sealed class RecordingConnections : IDeliveryConnections
{
    private readonly Channel<IConnectionWriter> connected = Channel.CreateUnbounded<IConnectionWriter>();

    private readonly Channel<string> disconnected = Channel.CreateUnbounded<string>();

    public void Connected(IConnectionWriter writer) => connected.Writer.TryWrite(writer);

    public void Disconnected(string connectionId) => disconnected.Writer.TryWrite(connectionId);

    public ValueTask SayClosingAsync(string connectionId, ClosingMessage message) => throw new NotSupportedException();

    public Task<IConnectionWriter> NextConnectedAsync() => Deadline.For(connected.Reader.ReadAsync);

    public Task<string> NextDisconnectedAsync() => Deadline.For(disconnected.Reader.ReadAsync);
}
