using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Nats.Log;

/// <summary>Follows the whole stream with one ordered consumer without a filter, and sees for itself that nothing is missing.</summary>
/// <remarks>
/// Sequences of the stream have gaps where something was removed, and each gap is checked with the leader: nats-server 2.9 moves consumers over
/// what they have not delivered when somebody purges by subject, and neither it nor the client library says so. At the head there are no gaps,
/// so this costs nothing.
/// </remarks>
internal sealed class StreamTail(NatsBackbone backbone, LeaderReads leader, StoredMessages messages, RollbackGuard guard, TailSkips skips, ILogger logger)
{
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(1);

    // Messages are counted, not their bytes: so many of the longest are 48 MiB, and the server cuts off a connection for which more than 64 MiB
    // wait. A limit of bytes would stop the tail for ever at a message that is longer.
    private static readonly NatsJSConsumeOpts Consume = new()
    {
        MaxMsgs = 96, Expires = TimeSpan.FromSeconds(30), IdleHeartbeat = TimeSpan.FromSeconds(2),
    };

    /// <param name="epoch">What the stream must have; null: whatever it has at first.</param>
    /// <param name="after">Every event above it comes.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async IAsyncEnumerable<IReadOnlyList<StoredEvent>> FollowAsync(
        ulong? epoch, long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var place = new Place { Start = after, Sequence = after, LastEvent = after, Epoch = epoch };
        while (true)
        {
            await CheckAsync(place, cancellationToken);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var incoming = await ConsumeAsync(place, stop.Token);
            var next = MoveAsync(incoming, stop.Token);
            try
            {
                while (await IsMovingAsync(next, place, cancellationToken) && await next)
                {
                    var batch = new List<StoredEvent>();
                    var bytes = 0;
                    do
                    {
                        if (await TakeAsync(incoming.Current, place, cancellationToken) is { } e)
                        {
                            if (batch.Count > 0 && bytes + e.Body.Length > LogRange.DefaultMaxBytes)
                            {
                                yield return batch;
                                (batch, bytes) = ([], 0);
                            }

                            batch.Add(e);
                            bytes += e.Body.Length;
                        }

                        next = MoveAsync(incoming, stop.Token);
                    }
                    while (!place.IsLost && next.IsCompletedSuccessfully && await next);

                    if (batch.Count > 0)
                    {
                        yield return batch;
                    }

                    if (TimeProvider.System.GetElapsedTime(place.CheckedAt) >= LongestSilence)
                    {
                        await CheckAsync(place, cancellationToken);
                    }

                    if (place.IsLost)
                    {
                        break;
                    }
                }
            }
            finally
            {
                await stop.CancelAsync();
                await EndAsync(incoming, next);
            }
        }
    }

    private async ValueTask<IAsyncEnumerator<INatsJSMsg<NatsMemoryOwner<byte>>>> ConsumeAsync(Place place, CancellationToken cancellationToken)
    {
        var options = new NatsJSOrderedConsumerOpts { DeliverPolicy = ConsumerConfigDeliverPolicy.ByStartSequence, OptStartSeq = (ulong)place.Sequence + 1 };
        var consumer = await backbone.AskAsync(
            async token => await backbone.JetStream.CreateOrderedConsumerAsync(backbone.Subjects.Stream, options, token), cancellationToken);
        place.IsLost = false;
        return consumer.ConsumeAsync<NatsMemoryOwner<byte>>(opts: Consume, cancellationToken: cancellationToken).GetAsyncEnumerator(cancellationToken);
    }

    // Whatever the client library has to say of a consumer that it cannot go on with.
    private static async Task<bool> MoveAsync(IAsyncEnumerator<INatsJSMsg<NatsMemoryOwner<byte>>> incoming, CancellationToken cancellationToken)
    {
        try
        {
            return await incoming.MoveNextAsync();
        }
        catch (Exception e) when (Requests.IsUnavailable(e, cancellationToken))
        {
            throw new LogUnavailableException($"The consumer has ended: {e.Message}", e);
        }
    }

    private async ValueTask CheckAsync(Place place, CancellationToken cancellationToken)
    {
        place.Epoch = await guard.CheckAsync(place.Epoch, cancellationToken);
        place.CheckedAt = TimeProvider.System.GetTimestamp();
    }

    /// <summary>Waits for the next message; false when the stream has had one for a while and the consumer does not bring it.</summary>
    /// <remarks>A consumer of nats-server 2.9 can lose its place while a purge goes on beside it, and says nothing of it.</remarks>
    private async ValueTask<bool> IsMovingAsync(Task<bool> next, Place place, CancellationToken cancellationToken)
    {
        long? overdue = null;
        while (!next.IsCompleted && !await EndsInTimeAsync(next, cancellationToken))
        {
            await CheckAsync(place, cancellationToken);
            var waiting = (long?)(await leader.NextAsync(">", place.Sequence + 1, cancellationToken))?.Seq;
            if (waiting is not null && waiting == overdue)
            {
                NatsLog.TailStalled(logger, place.Sequence, waiting.Value);
                return false;
            }

            overdue = waiting;
        }

        return true;
    }

    private static async ValueTask<bool> EndsInTimeAsync(Task next, CancellationToken cancellationToken)
    {
        try
        {
            await next.WaitAsync(LongestSilence, TimeProvider.System, cancellationToken);
        }
        catch (TimeoutException) when (!next.IsCompleted)
        {
            return false;
        }
        catch (Exception) when (next.IsCompleted)
        {
            // Whoever takes what came is told.
        }

        return true;
    }

    /// <summary>The next event; null for what is none, or was seen.</summary>
    private async ValueTask<StoredEvent?> TakeAsync(
        INatsJSMsg<NatsMemoryOwner<byte>> message, Place place, CancellationToken cancellationToken)
    {
        using var owner = message.Data;
        if (message.Metadata is not { } metadata)
        {
            return null;
        }

        var sequence = (long)metadata.Sequence.Stream;
        if (sequence <= place.Sequence)
        {
            return sequence <= place.Start ? null : throw new LogUnavailableException($"The stream went back from {place.Sequence} to {sequence}.");
        }

        if (sequence > place.Sequence + 1
            && (long?)(await leader.NextAsync(">", place.Sequence + 1, cancellationToken))?.Seq is { } left && left < sequence)
        {
            NatsLog.TailSkipped(logger, place.Sequence, sequence, left);
            place.IsLost = true;
            return null;
        }

        place.Sequence = sequence;
        var body = owner.Memory.ToArray();
        guard.See(place.Epoch!.Value, sequence, body);
        var e = messages.ReadNext(message.Subject, metadata.Sequence.Stream, body, message.Headers, metadata.Timestamp);
        if (e is null)
        {
            skips.Note(place.LastEvent, sequence);
            return null;
        }

        place.LastEvent = sequence;
        return e;
    }

    private static async ValueTask EndAsync(IAsyncEnumerator<INatsJSMsg<NatsMemoryOwner<byte>>> incoming, Task<bool> next)
    {
        try
        {
            if (await next)
            {
                incoming.Current.Data.Dispose();
            }
        }
        catch (Exception e) when (e is OperationCanceledException or LogUnavailableException)
        {
            // Whoever follows has been told, or does not want to know any more.
        }

        await incoming.DisposeAsync();
    }

    /// <summary>How far it came.</summary>
    private sealed class Place
    {
        public required long Start { get; init; }

        public required long Sequence { get; set; }

        /// <summary>Sequence of the last message that was an event.</summary>
        public required long LastEvent { get; set; }

        /// <summary>Of the stream; null before it was looked at, when any will do.</summary>
        public ulong? Epoch { get; set; }

        /// <summary>When it was looked at.</summary>
        public long CheckedAt { get; set; }

        /// <summary>The consumer has left something out.</summary>
        public bool IsLost { get; set; }
    }
}
