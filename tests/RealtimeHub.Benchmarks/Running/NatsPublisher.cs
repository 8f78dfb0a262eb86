using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Text;
using RealtimeHub.Benchmarks.Feeding;

namespace RealtimeHub.Benchmarks.Running;

/// <summary>Publishes to nats-server over TCP, and waits for its PONG after some messages.</summary>
internal sealed class NatsPublisher : IFeedTarget, IAsyncDisposable
{
    private const int MessagesPerPing = 64;

    private readonly NetworkStream stream;
    private readonly ArrayBufferWriter<byte> buffer = new();
    private readonly byte[] received = new byte[4096];
    private int unconfirmed;

    private NatsPublisher(NetworkStream stream) => this.stream = stream;

    public static async Task<NatsPublisher> ConnectAsync(EndPoint server)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server);
        var publisher = new NatsPublisher(new NetworkStream(socket, ownsSocket: true));
        publisher.Write("CONNECT {\"verbose\":false,\"pedantic\":false}\r\n");
        await publisher.FlushAsync();
        return publisher;
    }

    public async ValueTask PublishAsync(string topic, long timestamp)
    {
        var body = BenchEvent.New(timestamp).Body;
        Write($"PUB {topic} {body.Length}\r\n");
        buffer.Write(body.Span);
        Write("\r\n");
        if (++unconfirmed % MessagesPerPing == 0)
        {
            await FlushAsync();
        }
        else
        {
            await SendAsync();
        }
    }

    public async ValueTask FlushAsync()
    {
        Write("PING\r\n");
        await SendAsync();
        for (var text = ""; !text.Contains("PONG", StringComparison.Ordinal);)
        {
            var length = await stream.ReadAsync(received);
            text = length > 0 ? text + Encoding.ASCII.GetString(received, 0, length) : throw new IOException("nats-server closed the connection.");
        }
    }

    public ValueTask DisposeAsync() => stream.DisposeAsync();

    private void Write(string text) => Encoding.ASCII.GetBytes(text, buffer);

    private async ValueTask SendAsync()
    {
        await stream.WriteAsync(buffer.WrittenMemory);
        buffer.ResetWrittenCount();
    }
}
