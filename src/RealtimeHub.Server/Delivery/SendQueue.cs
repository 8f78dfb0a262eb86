using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace RealtimeHub.Server.Delivery;

/// <summary>Keeps what waits in the kernel for a slow client short.</summary>
/// <remarks>
/// Left alone, Linux takes up to 4 MB for a connection that was fast once, and asks for more only when a third of that has gone out. To the
/// engine a client that reads 200 KB/s then looks for many seconds like one that reads nothing, and what is live waits behind what is old.
/// With a limit on what was not sent yet (TCP_NOTSENT_LOWAT) progress shows in steps of 64 KB. What is on its way counts extra, so that the
/// throughput of long lines stays as it is.
/// </remarks>
internal static class SendQueue
{
    private const int Tcp = 6; // IPPROTO_TCP
    private const int NotSentLowWater = 25; // TCP_NOTSENT_LOWAT

    // Twice a frame of the engine: one goes out while the next is made.
    private const int Bytes = 128 * 1024;

    /// <summary>Listens as Kestrel does by itself; accepted connections inherit the limit.</summary>
    public static Socket Listen(EndPoint endPoint)
    {
        var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endPoint);
        if (OperatingSystem.IsLinux() && endPoint is IPEndPoint)
        {
            Span<byte> value = stackalloc byte[sizeof(int)];
            BitConverter.TryWriteBytes(value, Bytes); // in the byte order of the machine, as the kernel takes it
            socket.SetRawSocketOption(Tcp, NotSentLowWater, value);
        }

        return socket;
    }
}
