using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Text;
using RealtimeHub.Benchmarks.Feeding;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Log;
using RealtimeHub.Nats;

namespace RealtimeHub.Benchmarks.Running;

/// <summary>Publishes into the stream of a deployment as its nodes do, over TCP, many on their way; each must be acknowledged.</summary>
internal sealed class JetStreamPublisher : IFeedTarget, IAsyncDisposable
{
    private const string Inbox = "_INBOX.bench";

    private readonly Subjects subjects = new(new NatsStorageOptions().Prefix);
    private readonly NetworkStream stream;
    private readonly Func<string, TopicKey> keyOf;
    private readonly Dictionary<string, (string Subject, TopicKey Topic)> topics = [];
    private readonly ArrayBufferWriter<byte> buffer = new();
    private readonly Task reading;
    private TaskCompletionSource? whole;
    private long published;
    private long acknowledged;

    private JetStreamPublisher(NetworkStream stream, Func<string, TopicKey> keyOf)
    {
        (this.stream, this.keyOf) = (stream, keyOf);
        reading = Task.Run(ReadAsync);
    }

    public static async Task<JetStreamPublisher> ConnectAsync(EndPoint server, Func<string, TopicKey> keyOf)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server);
        var connection = new NetworkStream(socket, ownsSocket: true);
        while (connection.ReadByte() != '\n')
        {
            // The server introduces itself.
        }

        await connection.WriteAsync(Encoding.ASCII.GetBytes($"CONNECT {{\"verbose\":false,\"pedantic\":false,\"headers\":true}}\r\nSUB {Inbox} 1\r\n"));
        return new JetStreamPublisher(connection, keyOf);
    }

    public ValueTask PublishAsync(string topic, long timestamp)
    {
        if (!topics.TryGetValue(topic, out var known))
        {
            var key = keyOf(topic);
            topics.Add(topic, known = (subjects.Of(key, Lane.State), key));
        }

        var e = BenchEvent.New(timestamp);
        var headers = $"NATS/1.0\r\nNats-Msg-Id: {Subjects.MessageId(known.Topic, e.Id)}\r\nRth-Meta: {{}}\r\n\r\n";
        Write($"HPUB {known.Subject} {Inbox} {headers.Length} {headers.Length + e.Body.Length}\r\n{headers}");
        buffer.Write(e.Body.Span);
        Write("\r\n");
        published++;
        return SendAsync();
    }

    public async ValueTask FlushAsync()
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref whole, done);
        if (Interlocked.Read(ref acknowledged) < published)
        {
            await await Task.WhenAny(done.Task, reading);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stream.DisposeAsync();
        await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    // An acknowledgement is an object without objects in it, and nothing else that comes has braces. A refusal has one inside.
    private async Task ReadAsync()
    {
        var bytes = new byte[64 * 1024];
        while (await stream.ReadAsync(bytes) is var length and > 0)
        {
            if (bytes.AsSpan(0, length).IndexOf("\"error\""u8) >= 0)
            {
                throw new IOException($"nats-server refused a message: {Encoding.ASCII.GetString(bytes, 0, length)}");
            }

            if (Interlocked.Add(ref acknowledged, bytes.AsSpan(0, length).Count((byte)'{')) >= published)
            {
                Volatile.Read(ref whole)?.TrySetResult();
            }
        }

        throw new IOException("nats-server closed the connection.");
    }

    private void Write(string text) => Encoding.ASCII.GetBytes(text, buffer);

    private async ValueTask SendAsync()
    {
        await stream.WriteAsync(buffer.WrittenMemory);
        buffer.ResetWrittenCount();
    }
}
