using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;
using RealtimeHub.Contracts;

namespace RealtimeHub.Nats.Log;

/// <summary>A consumer for one read, of one subject from one sequence on. Removed when it is disposed, or by the server soon after.</summary>
internal sealed class RangeConsumer : IAsyncDisposable
{
    private readonly NatsBackbone backbone;
    private readonly INatsJSConsumer consumer;

    private RangeConsumer(NatsBackbone backbone, INatsJSConsumer consumer)
    {
        this.backbone = backbone;
        this.consumer = consumer;
    }

    public static async ValueTask<RangeConsumer> CreateAsync(
        NatsBackbone backbone, string subject, long from, bool headersOnly, CancellationToken cancellationToken)
    {
        var config = new ConsumerConfig
        {
            Name = Ids.New(TimeProvider.System.GetUtcNow()),
            DeliverPolicy = ConsumerConfigDeliverPolicy.ByStartSequence,
            OptStartSeq = (ulong)from,
            FilterSubject = subject,
            AckPolicy = ConsumerConfigAckPolicy.None,
            ReplayPolicy = ConsumerConfigReplayPolicy.Instant,
            HeadersOnly = headersOnly,
            MemStorage = true,
            NumReplicas = 1,
            InactiveThreshold = TimeSpan.FromSeconds(10),
        };
        var created = await backbone.JetStream.CreateConsumerAsync(backbone.Subjects.Stream, config, cancellationToken);
        return created.Info.Config.FilterSubject == subject && created.Info.Config.OptStartSeq == (ulong)from
            ? new RangeConsumer(backbone, created)
            : throw new InvalidOperationException("The NATS server did not understand the configuration of a consumer.");
    }

    /// <summary>What is there now, at most so many messages.</summary>
    public IAsyncEnumerable<INatsJSMsg<byte[]>> FetchAsync(int count, CancellationToken cancellationToken) =>
        consumer.FetchNoWaitAsync<byte[]>(new NatsJSFetchOpts { MaxMsgs = count }, cancellationToken: cancellationToken);

    public async ValueTask DisposeAsync()
    {
        try
        {
            await backbone.JetStream.DeleteConsumerAsync(backbone.Subjects.Stream, consumer.Info.Name, CancellationToken.None);
        }
        catch (Exception e) when (Requests.IsUnavailable(e, CancellationToken.None))
        {
            // It goes by itself after its inactive threshold.
        }
    }
}
