using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using RealtimeHub.Integration.Tests.Server;
using RealtimeHub.Specification;

namespace RealtimeHub.Integration.Tests.BadClients;

/// <summary>A client without a library: a TCP socket that sends what it is told to, and reads only when it is told to.</summary>
internal sealed class RawPeer : IDisposable
{
    public const byte Text = 0x81; // the first byte of a whole text message (RFC 6455, 5.2)
    public const byte Binary = 0x82;

    private const byte MessageEnd = 0x1e; // of SignalR's JSON protocol

    private const int CloseFrame = 8;
    private const int PingFrame = 9;
    private const int PongFrame = 10;

    private readonly Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly MemoryStream received = new();
    private readonly MemoryStream payload = new();
    private readonly byte[] buffer = new byte[64 * 1024];

    private bool isOpen;
    private int taken;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private ReadOnlySpan<byte> Received => received.GetBuffer().AsSpan(0, (int)received.Length);

    private ReadOnlySpan<byte> Payload => payload.GetBuffer().AsSpan(0, (int)payload.Length);

    /// <summary>A connection that has said nothing yet.</summary>
    /// <param name="address">Where to.</param>
    /// <param name="receiveBuffer">Small for one that wants to be slow; 0 for the machine's own.</param>
    public static async Task<RawPeer> DialAsync(Uri address, int receiveBuffer = 0)
    {
        var peer = new RawPeer();
        if (receiveBuffer > 0)
        {
            peer.socket.ReceiveBufferSize = receiveBuffer;
        }

        await Deadline.Within(peer.socket.ConnectAsync(IPAddress.Loopback, address.Port, Cancelled).AsTask());
        return peer;
    }

    /// <summary>An open WebSocket before SignalR's handshake.</summary>
    public static async Task<RawPeer> UpgradeAsync(Person person, string hub, int receiveBuffer = 0)
    {
        var peer = await DialAsync(person.Address, receiveBuffer);
        await peer.SendBytesAsync(Encoding.ASCII.GetBytes(
            $"GET {hub} HTTP/1.1\r\nHost: {person.Address.Authority}\r\nAuthorization: Bearer {person.Token}\r\nConnection: Upgrade\r\n"
            + "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"));
        while (peer.Received.IndexOf("\r\n\r\n"u8) < 0)
        {
            (await peer.ReadAsync(1)).Should().BeTrue("the upgrade was answered {0}", Encoding.ASCII.GetString(peer.Received));
        }

        Encoding.ASCII.GetString(peer.Received).Should().StartWith("HTTP/1.1 101");
        peer.received.SetLength(0);
        peer.isOpen = true;
        return peer;
    }

    /// <summary>A hub connection that speaks JSON; the handshake's answer is not read yet.</summary>
    public static async Task<RawPeer> ConnectAsync(Person person, string hub, int receiveBuffer = 0)
    {
        var peer = await UpgradeAsync(person, hub, receiveBuffer);
        await peer.SendAsync("""{"protocol":"json","version":1}""");
        return peer;
    }

    /// <summary>A message as one WebSocket frame.</summary>
    public static byte[] Frame(byte first, ReadOnlySpan<byte> payload)
    {
        // Masked as clients must, with zeros: the payload stays as it is.
        Span<byte> length = stackalloc byte[9];
        var used = payload.Length switch { < 126 => 1, <= ushort.MaxValue => 3, _ => 9 };
        length[0] = (byte)(0x80 | (used == 1 ? payload.Length : used == 3 ? 126 : 127));
        if (used == 3)
        {
            BinaryPrimitives.WriteUInt16BigEndian(length[1..], (ushort)payload.Length);
        }
        else if (used == 9)
        {
            BinaryPrimitives.WriteInt64BigEndian(length[1..], payload.Length);
        }

        return [first, .. length[..used], 0, 0, 0, 0, .. payload];
    }

    /// <summary>A message of SignalR's JSON protocol.</summary>
    public static byte[] Frame(string message) => Frame(Text, Encoding.UTF8.GetBytes(message + "\u001e"));

    public Task SendAsync(string message) => SendBytesAsync(Frame(message));

    public async Task SendBytesAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await Deadline.Within(socket.SendAsync(bytes, Cancelled).AsTask())..];
        }
    }

    /// <summary>Says that it is there, every second, until that task ends or nobody is there to hear it.</summary>
    public async Task PingUntilAsync(Task end)
    {
        using var pace = new PeriodicTimer(TimeSpan.FromSeconds(1), TimeProvider.System);
        try
        {
            while (!end.IsCompleted && await pace.WaitForNextTickAsync(Cancelled))
            {
                await SendAsync("""{"type":6}""");
            }
        }
        catch (SocketException)
        {
            // The server is gone, which is what is waited for.
        }
    }

    /// <summary>Reads once, at most that many bytes, and answers the WebSocket's own pings and goodbyes; false when the connection ended.</summary>
    public async Task<bool> ReadAsync(int atMost = int.MaxValue)
    {
        try
        {
            var read = await Deadline.Within(socket.ReceiveAsync(buffer.AsMemory(0, Math.Min(atMost, buffer.Length)), Cancelled).AsTask());
            received.Write(buffer, 0, read);
            while (isOpen && TryFrame(Received[taken..], out var header, out var length))
            {
                var first = Received[taken];
                var content = Received.Slice(taken + header, length).ToArray();
                taken += header + length;
                switch (first & 0x0f)
                {
                    case PingFrame:
                        await SendBytesAsync(Frame(0x80 | PongFrame, content));
                        break;
                    case CloseFrame:
                        await SendBytesAsync(Frame(0x80 | CloseFrame, content));
                        break;
                    default:
                        payload.Write(content);
                        break;
                }
            }

            return read > 0;
        }
        catch (SocketException)
        {
            return false; // it was reset
        }
    }

    /// <summary>Reads until the server ends the connection.</summary>
    public async Task ReadToEndAsync()
    {
        while (await ReadAsync())
        {
        }
    }

    /// <summary>Reads for some time; the connection must last as long.</summary>
    public async Task ReadForAsync(TimeSpan duration)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(began) < duration)
        {
            (await ReadAsync()).Should().BeTrue("the connection goes on");
        }
    }

    /// <summary>Reads until a message with that text came whole; false when the connection ended first.</summary>
    public async Task<bool> ReadUntilAsync(byte[] text)
    {
        var from = 0;
        for (var looksFor = text; looksFor.Length > 0; looksFor = looksFor == text ? [MessageEnd] : [])
        {
            while (Payload[from..].IndexOf(looksFor) < 0)
            {
                from = Math.Max(from, Payload.Length - looksFor.Length);
                if (!await ReadAsync())
                {
                    return false;
                }
            }

            from += Payload[from..].IndexOf(looksFor);
        }

        return true;
    }

    /// <summary>The messages that were read whole.</summary>
    public IReadOnlyList<JsonObject> Messages()
    {
        var texts = Encoding.UTF8.GetString(Payload).Split((char)MessageEnd);
        return [.. texts[..^1].Select(t => JsonNode.Parse(t)!.AsObject())];
    }

    /// <summary>Leaves as an orderly process does (FIN), whatever was half said.</summary>
    public void Leave() => socket.Shutdown(SocketShutdown.Both);

    /// <summary>Leaves as a process that is killed with unread data does (RST).</summary>
    public void Die()
    {
        socket.LingerState = new LingerOption(enable: true, seconds: 0);
        socket.Close();
    }

    public void Dispose() => socket.Dispose();

    /// <summary>The lengths of the frame that these bytes begin with; false when not all of it is there.</summary>
    private static bool TryFrame(ReadOnlySpan<byte> bytes, out int header, out int length)
    {
        (header, length) = (2, 0);
        if (bytes.Length < 2)
        {
            return false;
        }

        length = bytes[1] & 0x7f;
        header = length switch { 126 => 4, 127 => 10, _ => 2 };
        if (bytes.Length < header)
        {
            return false;
        }

        length = header switch
        {
            4 => BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]),
            10 => checked((int)BinaryPrimitives.ReadInt64BigEndian(bytes[2..])),
            _ => length,
        };
        return bytes.Length >= header + length;
    }
}
