using Microsoft.Extensions.Logging.Abstractions;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;
using RealtimeHub.Core;
using RealtimeHub.Nats.Documents;
using RealtimeHub.Nats.Log;

namespace RealtimeHub.Nats.Tests.Server;

/// <summary>A deployment of its own on a shared server: a stream and a bucket that no other test knows.</summary>
internal sealed class Deployment : IAsyncDisposable
{
    private static int count;

    private readonly NatsStorageOptions options;

    public Deployment(string url, int replicas = 1)
        : this(new NatsStorageOptions { Url = url, Replicas = replicas })
    {
    }

    public Deployment(NatsStorageOptions options)
    {
        this.options = options;
        options.Prefix = $"t{Environment.ProcessId}-{Interlocked.Increment(ref count)}";
        Open();
    }

    public NatsBackbone Backbone { get; private set; } = null!;

    public NatsEventLog Log { get; private set; } = null!;

    /// <summary>What the log has said.</summary>
    public RecordedLog<NatsEventLog> Said { get; } = new();

    public NatsDocumentStore Documents { get; private set; } = null!;

    /// <summary>Another node: a connection of its own to the same stream.</summary>
    public async ValueTask OpenAgainAsync()
    {
        await Backbone.DisposeAsync();
        Open();
    }

    /// <summary>Has the stream be what a backup had of it, under the same sequences, below whoever uses it.</summary>
    public async Task RollBackAsync(long toSequence)
    {
        var token = TestContext.Current.CancellationToken;
        var (jetStream, name) = (Backbone.JetStream, Backbone.Subjects.Stream);
        var stream = await jetStream.GetStreamAsync(name, cancellationToken: token);
        var kept = new List<StoredMessage>();
        for (var sequence = 1UL; sequence <= (ulong)toSequence; sequence++)
        {
            kept.Add((await stream.GetAsync(new StreamMsgGetRequest { Seq = sequence }, token)).Message);
        }

        await jetStream.DeleteStreamAsync(name, token);
        await jetStream.CreateStreamAsync(stream.Info.Config, token);
        foreach (var message in kept)
        {
            (await jetStream.PublishAsync(message.Subject, message.Data, NatsRawSerializer<ReadOnlyMemory<byte>>.Default, cancellationToken: token)).EnsureSuccess();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await foreach (var name in Backbone.JetStream.ListStreamNamesAsync(cancellationToken: CancellationToken.None))
        {
            if (name == Backbone.Subjects.Stream || name == Backbone.Subjects.BucketStream)
            {
                await Backbone.JetStream.DeleteStreamAsync(name, CancellationToken.None);
            }
        }

        await Backbone.DisposeAsync();
    }

    private void Open()
    {
        Backbone = new NatsBackbone(options, NullLoggerFactory.Instance);
        Log = new NatsEventLog(Backbone, new Limits(), TimeProvider.System, Said);
        Documents = new NatsDocumentStore(Backbone);
    }
}
