using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RealtimeHub.Integration.Tests.Transport;

/// <summary>Opens a hub connection by hand, and then never reads.</summary>
internal sealed class StalledPeer : IDisposable
{
    private readonly Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
    {
        // Small, so that the server's side fills up soon.
        ReceiveBufferSize = 4096,
    };

    public static async Task<StalledPeer> ConnectAsync(Uri hub)
    {
        var peer = new StalledPeer();
        var cancellation = TestContext.Current.CancellationToken;
        await peer.socket.ConnectAsync(IPAddress.Loopback, hub.Port, cancellation);
        var upgrade =
            $"GET {hub.AbsolutePath} HTTP/1.1\r\nHost: {hub.Authority}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";

        // A masked text frame (RFC 6455, 5.2); with a mask of zeros the payload stays readable.
        var handshake = Encoding.ASCII.GetBytes("{\"protocol\":\"json\",\"version\":1}\u001e");
        byte[] frame = [0x81, (byte)(0x80 | handshake.Length), 0, 0, 0, 0, .. handshake];
        await peer.socket.SendAsync((byte[])[.. Encoding.ASCII.GetBytes(upgrade), .. frame], cancellation);
        return peer;
    }

    public void Dispose() => socket.Dispose();
}
