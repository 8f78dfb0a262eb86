using System.Net.Sockets;
using System.Text;

namespace RealtimeHub.Benchmarks.Clients;

/// <summary>A client that counts the events it receives by a byte that each has once, and does nothing else with them.</summary>
/// <remarks>Whatever the server, it costs a few system calls for each piece that the socket brings and one pass over the bytes.</remarks>
internal sealed class Client : IDisposable
{
    private readonly Socket socket;
    private readonly ClientPlan plan;
    private readonly StringBuilder answer = new();
    private FrameReader frames;
    private StampReader stamps;
    private bool isUpgraded;
    private bool isReady;
    private bool isClosed;
    private long count;

    /// <summary>Connects and asks to be upgraded.</summary>
    public Client(ClientPlan plan, int? receiveBuffer = null)
    {
        this.plan = plan;
        socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (receiveBuffer is { } bytes)
        {
            socket.ReceiveBufferSize = bytes; // before the connection is made: the window follows from it
        }

        socket.Connect(plan.Server);
        socket.Send(plan.Upgrade);
        Handle = (int)socket.Handle;
    }

    public int Handle { get; }

    /// <summary>Where it stands in its loop.</summary>
    public int Number { get; set; } = -1;

    /// <summary>Whether it is subscribed.</summary>
    public bool IsReady => Volatile.Read(ref isReady);

    /// <summary>Whether the server ended the connection.</summary>
    public bool IsClosed => Volatile.Read(ref isClosed);

    /// <summary>Events received since it connected.</summary>
    public long Count => Volatile.Read(ref count);

    /// <summary>Where latencies are noted; null: nowhere.</summary>
    public LatencyRecorder? Recorder { get; set; }

    /// <summary>What the server answered until the client was subscribed.</summary>
    public string Answer => answer.ToString();

    /// <summary>Reads once what has come; false when the connection is over.</summary>
    public bool Read(byte[] buffer, long now)
    {
        var length = Libc.Receive(Handle, ref buffer[0], (nuint)buffer.Length, Libc.DontWait);
        if (length < 0)
        {
            isClosed = System.Runtime.InteropServices.Marshal.GetLastPInvokeError() != 11; // EAGAIN
        }
        else
        {
            isClosed = length == 0 || !Take(buffer.AsSpan(0, (int)length), now) || frames.IsClosed;
        }

        return !isClosed;
    }

    /// <summary>Tells the server that the client is there.</summary>
    public void KeepAlive()
    {
        if (isReady && !isClosed && plan.KeepAlive is { } ping)
        {
            socket.Send(ping, SocketFlags.None, out _);
        }
    }

    public void Dispose() => socket.Dispose();

    private bool Take(ReadOnlySpan<byte> data, long now)
    {
        if (!isUpgraded)
        {
            answer.Append(Encoding.ASCII.GetString(data));
            var end = Answer.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end < 0)
            {
                return true;
            }

            isUpgraded = Answer.StartsWith("HTTP/1.1 101", StringComparison.Ordinal);
            if (!isUpgraded)
            {
                return false;
            }

            data = data[^(Answer.Length - end - 4)..];
            answer.Clear();
            socket.Send(plan.Hello);
        }

        while (frames.TryRead(ref data, out var payload))
        {
            TakePayload(payload, now);
        }

        return true;
    }

    private void TakePayload(ReadOnlySpan<byte> payload, long now)
    {
        var events = payload.Count(BenchEvent.Marker);
        if (Recorder is { } recorder)
        {
            stamps.Read(payload, now, recorder);
        }

        if (events > 0)
        {
            Volatile.Write(ref count, count + events);
        }

        if (!isReady)
        {
            answer.Append(Encoding.UTF8.GetString(payload));
            CheckReady();
        }
    }

    private void CheckReady()
    {
        var said = Answer;
        if (plan.Refusals.FirstOrDefault(r => said.Contains(r, StringComparison.Ordinal)) is not null)
        {
            isClosed = true;
        }

        Volatile.Write(ref isReady, !isClosed && said.Contains(plan.ReadySign, StringComparison.Ordinal));
    }
}
