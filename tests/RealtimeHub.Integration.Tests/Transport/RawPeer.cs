using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RealtimeHub.Integration.Tests.Transport;

/// <summary>Opens a hub connection by hand, and then reads nothing but what it is told to.</summary>
internal sealed class RawPeer : IDisposable
{
    private readonly Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
    {
        // Small, so that the server's side fills up soon.
        ReceiveBufferSize = 4096,
    };

    private static readonly byte[] UpgradeEnd = "\r\n\r\n"u8.ToArray();

    private bool isUpgraded;

    public static async Task<RawPeer> ConnectAsync(Uri hub)
    {
        var peer = new RawPeer();
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

    /// <summary>The next WebSocket frame (RFC 6455, 5.2): whether it ends its message, and its payload.</summary>
    public async Task<(bool IsLast, byte[] Payload)> NextFrameAsync()
    {
        if (!isUpgraded)
        {
            for (var end = 0; end < UpgradeEnd.Length;)
            {
                end = (await ReadAsync(1))[0] == UpgradeEnd[end] ? end + 1 : 0;
            }

            isUpgraded = true;
        }

        var head = await ReadAsync(2);
        var length = head[1] switch
        {
            126 => BinaryPrimitives.ReadUInt16BigEndian(await ReadAsync(2)),
            127 => (int)BinaryPrimitives.ReadInt64BigEndian(await ReadAsync(8)),
            var small => small,
        };
        return ((head[0] & 0x80) != 0, await ReadAsync(length));
    }

    public void Dispose() => socket.Dispose();

    private async Task<byte[]> ReadAsync(int count)
    {
        var bytes = new byte[count];
        for (var read = 0; read < count;)
        {
            var more = await Deadline.For(token => socket.ReceiveAsync(bytes.AsMemory(read), token));
            read += more > 0 ? more : throw new EndOfStreamException();
        }

        return bytes;
    }
}
