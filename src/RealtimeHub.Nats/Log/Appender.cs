using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Nats.Log;

/// <summary>Appends events one after the other; the stream takes them one at a time, and each is durable by itself.</summary>
internal sealed class Appender(NatsBackbone backbone, LeaderReads leader, LaneReader lanes)
{
    private const int WrongLastSequence = 10071;

    // Ids, expectations, and what clients never see.
    private const int HeaderBytes = 4096;

    // An attempt whose answer was lost is the first behind its expectation. One that is further away is found when it is decided again.
    private const int LookBehind = 8;

    private static readonly AppendResult Conflict = new(AppendStatus.Conflict, 0, 0);

    public async ValueTask<AppendResult> AppendAsync(
        TopicKey topic, IReadOnlyList<NewEvent> events, long? expectedState, CancellationToken cancellationToken)
    {
        await backbone.PrepareAsync(cancellationToken);
        if (events.FirstOrDefault(e => e.Body.Length > backbone.MaxPayload - HeaderBytes) is { } tooLarge)
        {
            throw new EventTooLargeException($"An event of {tooLarge.Body.Length} bytes is larger than what the log takes ({backbone.MaxPayload - HeaderBytes}).");
        }

        if (expectedState is not null && events[0].Lane == Lane.Stream && await IsOvertakenAsync(topic, events, expectedState.Value, cancellationToken))
        {
            return Conflict;
        }

        var (last, count, duplicates) = (0L, 0, 0);
        foreach (var e in events)
        {
            var expected = e.Lane == Lane.State ? expectedState : null;
            (long Sequence, bool IsDuplicate)? outcome;
            try
            {
                outcome = await StoreAsync(topic, e, expected, cancellationToken);
            }
            catch (LogUnavailableException lost) when (count > 0)
            {
                throw new LogUnavailableException(lost.Message, lost) { Stored = (count, last) };
            }

            if (outcome is not { } stored)
            {
                return Conflict;
            }

            count++;

            (last, duplicates) = (stored.Sequence, duplicates + (stored.IsDuplicate ? 1 : 0));
            if (e.Lane == Lane.State && expectedState is not null)
            {
                expectedState = Math.Max(expectedState.Value, stored.Sequence);
            }
        }

        return new AppendResult(AppendStatus.Stored, last, duplicates);
    }

    // Deltas carry no expectation of their own: those before the first state event ask for its.
    private async ValueTask<bool> IsOvertakenAsync(
        TopicKey topic, IReadOnlyList<NewEvent> events, long expected, CancellationToken cancellationToken)
    {
        if (events.All(e => e.Lane == Lane.Stream))
        {
            return false;
        }

        var last = await leader.LastAsync(backbone.Subjects.Of(topic, Lane.State), cancellationToken);
        if (last is null && await IsForgottenAsync(topic, expected, cancellationToken))
        {
            return false;
        }

        return (long)(last?.Seq ?? 0) != expected
            && !(last is not null && EventEnvelope.TryParse(last.Data.Span) is { } envelope && events.Any(e => e.Id == envelope.Id));
    }

    /// <summary>Whether the server has a topic's last state event and says that it has none.</summary>
    /// <remarks>
    /// nats-server 2.9 stores what a full account has no room for, takes it back, and does not know any more what was the last of that subject:
    /// from then on it takes what expects that there is none, and nothing else, until something is stored there.
    /// </remarks>
    private async ValueTask<bool> IsForgottenAsync(TopicKey topic, long last, CancellationToken cancellationToken)
    {
        var subject = backbone.Subjects.Of(topic, Lane.State);
        return last > 0
            && await leader.LastAsync(subject, cancellationToken) is null
            && (await leader.AtAsync(last, cancellationToken))?.Subject == subject
            && await leader.NextAsync(subject, last + 1, cancellationToken) is null;
    }

    /// <summary>Stores one event; null when another state event came first.</summary>
    private async ValueTask<(long Sequence, bool IsDuplicate)?> StoreAsync(
        TopicKey topic, NewEvent e, long? expected, CancellationToken cancellationToken)
    {
        var messageId = Subjects.MessageId(topic, e.Id);
        var asked = expected;
        while (true)
        {
            var attempts = 0;
            var ack = await PublishAsync(topic, e, messageId, asked, () => attempts++, cancellationToken);
            if (ack is null)
            {
                if (await FindAsync(topic, e, expected!.Value, attempts, cancellationToken) is { } found)
                {
                    return found;
                }

                if (asked == 0 || !await IsForgottenAsync(topic, expected.Value, cancellationToken))
                {
                    return null;
                }

                asked = 0;
                continue;
            }

            var sequence = (long)ack.Seq;
            if (!ack.Duplicate)
            {
                return (sequence, false);
            }

            if (await leader.AtAsync(sequence, cancellationToken) is { } first && backbone.Subjects.Parse(first.Subject)?.Topic == topic)
            {
                // An attempt whose answer was lost may have stored it: then it is no duplicate of anybody's.
                return (sequence, IsDuplicate(e, first.Data.Span, attempts));
            }

            messageId = $"{Subjects.MessageId(topic, e.Id)}.{sequence}"; // what had the id has been removed, and the stream does not know
        }
    }

    // nats-server 2.9 and 2.10 know a message by its id before they compare what is expected; later ones compare first.
    private async ValueTask<(long Sequence, bool IsDuplicate)?> FindAsync(
        TopicKey topic, NewEvent e, long after, int attempts, CancellationToken cancellationToken)
    {
        var since = await lanes.ReadAsync(topic, e.Lane, after, long.MaxValue, LookBehind, LogRange.DefaultMaxBytes, cancellationToken);
        return since.Events.FirstOrDefault(stored => stored.Id == e.Id) is { } first
            ? (first.Sequence, IsDuplicate(e, first.Body.Span, attempts))
            : null;
    }

    private static bool IsDuplicate(NewEvent e, ReadOnlySpan<byte> stored, int attempts) => attempts == 1 || !stored.SequenceEqual(e.Body.Span);

    private ValueTask<PubAckResponse?> PublishAsync(
        TopicKey topic, NewEvent e, string messageId, long? expected, Action attempt, CancellationToken cancellationToken) =>
        backbone.AskAsync(
            async token =>
            {
                attempt();
                var ack = await backbone.JetStream.PublishAsync(
                    backbone.Subjects.Of(topic, e.Lane),
                    e.Body,
                    NatsRawSerializer<ReadOnlyMemory<byte>>.Default,
                    new NatsJSPubOpts
                    {
                        MsgId = messageId, ExpectedLastSubjectSequence = (ulong?)expected, ExpectedStream = backbone.Subjects.Stream, RetryAttempts = 1,
                    },
                    StoredMessages.HeadersOf(e),
                    token);
                return ack switch
                {
                    { Error: null, Duplicate: true, Seq: 0 } => throw new NatsJSApiException(Requests.OnItsWay), // 2.10: it has no sequence yet
                    { Error: null } => ack,
                    { Error.ErrCode: WrongLastSequence } => null,
                    _ => throw new NatsJSApiException(ack.Error),
                };
            },
            cancellationToken);
}
