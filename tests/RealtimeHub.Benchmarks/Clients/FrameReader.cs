using System.Buffers.Binary;

namespace RealtimeHub.Benchmarks.Clients;

/// <summary>Finds the payload in what a WebSocket server sends (RFC 6455, section 5.2), however it is cut.</summary>
internal struct FrameReader
{
    private const int CloseFrame = 8;

    private long remaining;
    private Header header;
    private int headerLength;

    /// <summary>Whether the server said that it ends the connection.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Takes the next piece of payload off the data; false when there is none left.</summary>
    public bool TryRead(ref ReadOnlySpan<byte> data, out ReadOnlySpan<byte> payload)
    {
        while (remaining == 0)
        {
            if (data.IsEmpty || !TryReadHeader(ref data))
            {
                payload = default;
                return false;
            }
        }

        var taken = (int)Math.Min(remaining, data.Length);
        payload = data[..taken];
        data = data[taken..];
        remaining -= taken;
        return taken > 0;
    }

    private bool TryReadHeader(ref ReadOnlySpan<byte> data)
    {
        while (headerLength < LengthOfHeader())
        {
            if (data.IsEmpty)
            {
                return false;
            }

            header[headerLength++] = data[0];
            data = data[1..];
        }

        ReadOnlySpan<byte> bytes = header;
        IsClosed |= (bytes[0] & 0x0f) == CloseFrame;
        remaining = bytes[1] switch
        {
            126 => BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]),
            127 => BinaryPrimitives.ReadInt64BigEndian(bytes[2..]),
            var length => length,
        };
        headerLength = 0;
        return true;
    }

    private readonly int LengthOfHeader() => headerLength < 2 ? 2 : header[1] switch { 126 => 4, 127 => 10, _ => 2 };

    [System.Runtime.CompilerServices.InlineArray(10)]
    private struct Header
    {
        private byte first;
    }
}
