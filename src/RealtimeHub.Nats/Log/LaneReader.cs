using RealtimeHub.Contracts;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Nats.Log;

/// <summary>Some events of one lane of a topic, oldest first.</summary>
/// <param name="Events">The events.</param>
/// <param name="ReadThrough">Nothing is missing at or below this sequence.</param>
internal sealed record LanePart(IReadOnlyList<StoredEvent> Events, long ReadThrough);

/// <summary>Reads one lane of a topic forward: a few events one by one from the leader, many through a consumer.</summary>
/// <remarks>
/// A consumer may be at a replica that lags behind the leader. So the leader says first where the lane ends, and the consumer is read until
/// it comes there.
/// </remarks>
internal sealed class LaneReader(NatsBackbone backbone, LeaderReads leader, StoredMessages messages)
{
    private const int SingleReads = 8;
    private const int MostFetched = 512;

    /// <summary>The events with <c>after &lt; sequence &lt;= through</c>; fewer when they are more than the limit or longer than the bytes.</summary>
    public async ValueTask<LanePart> ReadAsync(
        TopicKey topic, Lane lane, long after, long through, int limit, long maxBytes, CancellationToken cancellationToken)
    {
        var subject = backbone.Subjects.Of(topic, lane);
        var part = new Collected(limit, maxBytes);
        var position = after;
        for (var i = 0; i < SingleReads; i++)
        {
            if (position >= through
                || await leader.NextAsync(subject, position + 1, cancellationToken) is not { } message || (long)message.Seq > through)
            {
                return part.Whole(through);
            }

            position = (long)message.Seq;
            if (!part.TryAdd(messages.Read(message), position) || part.IsFull)
            {
                return part.Cut();
            }
        }

        // The end as the leader knows it: what the consumer must have come to. nats-server 2.9 does not know it any more when it has taken back
        // what was the last, because the account was full: then the consumer is read until there is no more.
        var end = await leader.LastAsync(subject, cancellationToken) is { } last ? Math.Min((long)last.Seq, through) : through;
        while (position < end)
        {
            var (reached, isFull) = await FetchAsync(subject, part, position, end, cancellationToken);
            if (isFull)
            {
                return part.Cut();
            }

            if (reached == position && await leader.NextAsync(subject, position + 1, cancellationToken) is null)
            {
                break; // the rest was purged meanwhile
            }

            position = reached;
        }

        return part.Whole(through);
    }

    private async ValueTask<(long Position, bool IsFull)> FetchAsync(
        string subject, Collected part, long position, long end, CancellationToken cancellationToken) =>
        await backbone.AskAsync(
            async token =>
            {
                var reached = Math.Max(position, part.Seen); // by another attempt
                if (reached >= end)
                {
                    return (end, false);
                }

                await using var reader = await RangeConsumer.CreateAsync(backbone, subject, reached + 1, headersOnly: false, token);
                await foreach (var message in reader.FetchAsync(part.Wanted(end - reached), token))
                {
                    var sequence = (long)message.Metadata!.Value.Sequence.Stream;
                    if (sequence > end)
                    {
                        return (end, false);
                    }

                    if (!part.TryAdd(messages.Read(message.Subject, (ulong)sequence, message.Data ?? [], message.Headers, message.Metadata.Value.Timestamp), sequence))
                    {
                        return (reached, true);
                    }

                    reached = sequence;
                    if (part.IsFull)
                    {
                        return (reached, true);
                    }
                }

                return (reached, false);
            },
            cancellationToken);

    /// <summary>What was read so far. May be offered the same event again, by another attempt.</summary>
    private sealed class Collected(int limit, long maxBytes)
    {
        private readonly List<StoredEvent> events = [];
        private long bytes;

        /// <summary>Sequence of the last message that it was offered and has dealt with.</summary>
        public long Seen { get; private set; }

        /// <summary>Whether it holds as many events as were asked for.</summary>
        public bool IsFull => events.Count == limit;

        /// <summary>How many messages to ask for next, of those within so many sequences.</summary>
        /// <remarks>
        /// The server sends at once what it is asked for, whether there is room for it here or not, and cuts off a connection for which more than
        /// 64 MiB (its <c>max_pending</c>) wait. So: what there is room for if it is like what came, and never more than came so far.
        /// </remarks>
        public int Wanted(long sequences)
        {
            var room = events.Count == 0 ? MostFetched : (maxBytes - bytes) / Math.Max(1, bytes / events.Count);
            var most = Math.Min(Math.Min(MostFetched, Math.Max(SingleReads, events.Count)), Math.Min(limit - events.Count, sequences));
            return (int)Math.Max(1, Math.Min(room, most));
        }

        /// <summary>Takes an event, or null for what is none; false when there is no room for it.</summary>
        public bool TryAdd(StoredEvent? e, long sequence)
        {
            if (sequence <= Seen)
            {
                return true;
            }

            if (e is not null)
            {
                if (IsFull || (events.Count > 0 && bytes + e.Body.Length > maxBytes))
                {
                    return false;
                }

                events.Add(e);
                bytes += e.Body.Length;
            }

            Seen = sequence;
            return true;
        }

        public LanePart Whole(long through) => new(events, through);

        public LanePart Cut() => new(events, Seen);
    }
}
