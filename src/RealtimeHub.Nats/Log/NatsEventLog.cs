using Microsoft.Extensions.Logging;
using NATS.Client.JetStream.Models;
using RealtimeHub.Contracts;
using RealtimeHub.Core;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Telemetry;

namespace RealtimeHub.Nats.Log;

/// <summary>The log in a JetStream stream: for many servers, and for services that publish there themselves.</summary>
internal sealed class NatsEventLog : IEventLog
{
    private static readonly TimeSpan RememberedIds = TimeSpan.FromMinutes(10);

    private readonly NatsBackbone backbone;
    private readonly LaneReader lanes;
    private readonly RangeReader ranges;
    private readonly StreamTail tail;
    private readonly RollbackGuard guard;
    private readonly TailSkips skips = new();
    private readonly Appender appender;
    private readonly MessageRemover remover;
    private readonly TimeProvider time;

    public NatsEventLog(NatsBackbone backbone, Limits limits, TimeProvider time, ILogger<NatsEventLog> logger)
    {
        this.backbone = backbone;
        this.time = time;
        var messages = new StoredMessages(backbone.Subjects, limits, logger);
        var leader = new LeaderReads(backbone, backbone.Subjects.Stream);
        lanes = new LaneReader(backbone, leader, messages);
        guard = new RollbackGuard(backbone, leader, time, logger);
        ranges = new RangeReader(backbone, leader, lanes, guard);
        tail = new StreamTail(backbone, leader, messages, guard, skips, logger);
        appender = new Appender(backbone, leader, lanes);
        remover = new MessageRemover(backbone);
    }

    public bool IsRemote => true;

    public ValueTask<LogHead> GetHeadAsync(CancellationToken cancellationToken) => guard.GetHeadAsync(cancellationToken);

    public async ValueTask<AppendResult> AppendAsync(
        TopicKey topic, IReadOnlyList<NewEvent> events, long? expectedState, CancellationToken cancellationToken)
    {
        LogArguments.Check(topic, events);
        cancellationToken.ThrowIfCancellationRequested();
        using var measurement = AppendMeasurement.Begin(events.Count);
        var result = await appender.AppendAsync(topic, events, expectedState, cancellationToken);
        measurement.IsDone();
        return result;
    }

    public ValueTask<EventPage> ReadAsync(TopicKey topic, LogRange range, CancellationToken cancellationToken)
    {
        LogArguments.Check(range);
        return ranges.ReadAsync(topic, range, cancellationToken);
    }

    public async ValueTask<IReadOnlyDictionary<string, StoredEvent>> FindAsync(
        TopicKey topic, IReadOnlyCollection<string> ids, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, StoredEvent>(StringComparer.Ordinal);
        if (ids.Count == 0)
        {
            return found;
        }

        var wanted = ids.ToHashSet(StringComparer.Ordinal);
        var position = await FindSequenceAsync(time.GetUtcNow() - (RememberedIds * 1.1), cancellationToken) - 1;
        foreach (var lane in (Lane[])[Lane.State, Lane.Stream])
        {
            for (var (after, isWhole) = (position, false); !isWhole && found.Count < wanted.Count;)
            {
                var part = await lanes.ReadAsync(topic, lane, after, long.MaxValue, LogArguments.MaxLimit, LogRange.DefaultMaxBytes, cancellationToken);
                foreach (var e in part.Events.Where(e => wanted.Contains(e.Id)))
                {
                    found.TryAdd(e.Id, e);
                }

                (after, isWhole) = (part.ReadThrough, part.ReadThrough == long.MaxValue);
            }
        }

        return found;
    }

    public IAsyncEnumerable<IReadOnlyList<StoredEvent>> TailAsync(long after, CancellationToken cancellationToken) =>
        tail.FollowAsync(epoch: null, after, cancellationToken);

    public IAsyncEnumerable<IReadOnlyList<StoredEvent>> TailAsync(ulong epoch, long after, CancellationToken cancellationToken) =>
        tail.FollowAsync(epoch, after, cancellationToken);

    public long SkipFrom(long position) => skips.From(position);

    public ValueTask<long> FindSequenceAsync(DateTimeOffset time, CancellationToken cancellationToken) =>
        backbone.AskAsync(
            async token =>
            {
                // A consumer that would begin there knows where that is.
                var start = time < DateTimeOffset.UnixEpoch ? DateTimeOffset.UnixEpoch : time;
                var stream = (await backbone.JetStream.GetStreamAsync(backbone.Subjects.Stream, cancellationToken: token)).Info.State;
                if (stream.Messages == 0 || start.Year > 2200)
                {
                    return (long)stream.LastSeq + 1;
                }

                var consumer = await backbone.JetStream.CreateConsumerAsync(
                    backbone.Subjects.Stream,
                    new ConsumerConfig
                    {
                        Name = $"time-{Ids.New(TimeProvider.System.GetUtcNow())}",
                        DeliverPolicy = ConsumerConfigDeliverPolicy.ByStartTime,
                        OptStartTime = start,
                        AckPolicy = ConsumerConfigAckPolicy.None,
                        MemStorage = true,
                        NumReplicas = 1,
                        InactiveThreshold = TimeSpan.FromSeconds(10),
                    },
                    token);
                await backbone.JetStream.DeleteConsumerAsync(backbone.Subjects.Stream, consumer.Info.Name, token);
                return (long)consumer.Info.Delivered.StreamSeq + 1;
            },
            cancellationToken);

    public async ValueTask<long> PurgeStreamLaneAsync(long before, CancellationToken cancellationToken)
    {
        var head = (await GetHeadAsync(cancellationToken)).LastSequence;
        return await remover.RemoveAsync(backbone.Subjects.StreamLane, Math.Min(before - 1, head), cancellationToken);
    }

    public async ValueTask<long> RemoveTopicAsync(TopicKey topic, long through, CancellationToken cancellationToken)
    {
        var end = Math.Min(through, (await GetHeadAsync(cancellationToken)).LastSequence);
        return await remover.RemoveAsync(backbone.Subjects.Of(topic, Lane.Stream), end, cancellationToken)
            + await remover.RemoveAsync(backbone.Subjects.Of(topic, Lane.State), end, cancellationToken);
    }
}
