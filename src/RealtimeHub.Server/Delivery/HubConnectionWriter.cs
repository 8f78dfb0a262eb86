using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.SignalR;
using RealtimeHub.Core.Delivery;

namespace RealtimeHub.Server.Delivery;

/// <summary>One SignalR connection, as the engine writes to it.</summary>
internal sealed class HubConnectionWriter(HubConnectionContext connection, string hub, IMessageEncoder encoder, TimeProvider time) : IConnectionWriter
{
    /// <summary>How long a peer has to take the goodbye: several round trips of a bad link, and short beside the time that a slow client was given.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    private int ending;

    public string ConnectionId => connection.ConnectionId;

    public string Hub => hub;

    public IMessageEncoder Encoder => encoder;

    /// <remarks>SignalR turns every failure to write into the end of the connection and a write that succeeded.</remarks>
    public ValueTask WriteAsync(Frame frame)
    {
        var message = frame.Prepared ??= new SerializedHubMessage([new SerializedMessage(encoder.Protocol, frame.Bytes)]);
        return connection.WriteAsync((SerializedHubMessage)message, CancellationToken.None);
    }

    /// <remarks>
    /// <para>There are three ways to end a connection, and the stock clients tell them apart:</para>
    /// <list type="bullet">
    /// <item><c>RequestClose</c> ends the hub's loop and writes a close message with <c>allowReconnect: true</c>: clients come back.</item>
    /// <item><see cref="HubConnectionContext.Abort"/>, which is also the caller context's, writes one without: clients give up for good.</item>
    /// <item><see cref="IConnectionLifetimeFeature.Abort"/>, the transport's own, writes nothing and resets the socket: to clients the network
    /// failed, and they come back.</item>
    /// </list>
    /// <para>The first two let go of writes that wait, but their own message waits for room in the pipe, and the end of the connection for that:
    /// with a peer that reads no more, until the transport's send timeout. The third therefore follows after <see cref="Grace"/>. A peer that
    /// was told nothing may then come back; the door is where it is refused.</para>
    /// </remarks>
    public void End(bool allowReconnect)
    {
        if (allowReconnect && connection.Features.Get<IConnectionLifetimeNotificationFeature>() is { } notification)
        {
            notification.RequestClose();
        }
        else
        {
            connection.Abort();
        }

        if (Interlocked.Exchange(ref ending, 1) == 0 && connection.Features.Get<IConnectionLifetimeFeature>() is { } lifetime)
        {
            _ = AbortUnlessClosedAsync(lifetime);
        }
    }

    private async Task AbortUnlessClosedAsync(IConnectionLifetimeFeature lifetime)
    {
        // The transport's token, not the hub's: that one says that the end has begun, this one that the socket is done with.
        var closed = lifetime.ConnectionClosed;
        await Task.Delay(Grace, time, closed).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!closed.IsCancellationRequested)
        {
            lifetime.Abort();
        }
    }
}
