using System.Buffers.Binary;
using System.Text;

namespace RealtimeHub.Benchmarks.Clients;

/// <summary>What a WebSocket client sends.</summary>
internal static class Frames
{
    private const byte Text = 0x81;
    private const byte Masked = 0x80;

    /// <summary>A SignalR ping: a server ends connections that are silent for 30 s.</summary>
    public static byte[] Ping { get; } = Of("{\"type\":6}\u001e");

    /// <summary>The request that turns a connection into a WebSocket.</summary>
    public static byte[] Upgrade(string path, string? token = null)
    {
        var authorization = token is null ? "" : $"Authorization: Bearer {token}\r\n";
        return Encoding.ASCII.GetBytes(
            $"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + $"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{authorization}\r\n");
    }

    /// <summary>A text frame. Its mask is zero, which leaves the bytes as they are.</summary>
    public static byte[] Of(string text)
    {
        var payload = Encoding.UTF8.GetBytes(text);
        Span<byte> header = stackalloc byte[14];
        header[0] = Text;
        var length = payload.Length switch
        {
            < 126 => 2,
            <= ushort.MaxValue => 4,
            _ => 10,
        };
        header[1] = (byte)(Masked | (length == 2 ? payload.Length : length == 4 ? 126 : 127));
        if (length == 4)
        {
            BinaryPrimitives.WriteUInt16BigEndian(header[2..], (ushort)payload.Length);
        }
        else if (length == 10)
        {
            BinaryPrimitives.WriteInt64BigEndian(header[2..], payload.Length);
        }

        return [.. header[..(length + 4)], .. payload];
    }
}
