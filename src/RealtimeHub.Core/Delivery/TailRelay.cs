using System.Runtime.CompilerServices;
using System.Threading.Channels;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Delivery;

/// <summary>What the node's one tail brings, for others on the node that follow the whole log: they read themselves only what was before they came.</summary>
/// <remarks>
/// A follower is noted at the place where the tail stands; what is at or below it is in the log, what is above it comes. One that is so slow
/// that too much waits for it reads the log again, until it is where the tail is.
/// </remarks>
internal sealed class TailRelay(IEventLog log) : INodeTail, ITailObserver
{
    private const long MostBytesWaiting = 16 * 1024 * 1024;

    private readonly Lock gate = new();
    private readonly List<Follower> followers = [];
    private readonly TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private LogHead? place;

    /// <inheritdoc/>
    public void Begin(LogHead head)
    {
        lock (gate)
        {
            place = head;
        }

        begun.TrySetResult();
    }

    /// <inheritdoc/>
    public void See(StoredEvent e)
    {
        lock (gate)
        {
            place = place!.Value with { LastSequence = e.Sequence };
            foreach (var follower in followers)
            {
                follower.Add(e);
            }
        }
    }

    /// <inheritdoc/>
    public void LogReplaced()
    {
        lock (gate)
        {
            place = null;
            followers.ForEach(f => f.End(new LogUnavailableException("The log was replaced.")));
        }
    }

    /// <inheritdoc/>
    /// <remarks>Begins when the tail has begun.</remarks>
    public async IAsyncEnumerable<IReadOnlyList<StoredEvent>> FollowAsync(
        ulong epoch, long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await begun.Task.WaitAsync(cancellationToken);
        var position = after;
        while (true)
        {
            var (follower, from) = Join(epoch);
            try
            {
                if (position < from)
                {
                    await foreach (var batch in log.TailAsync(epoch, position, cancellationToken))
                    {
                        position = batch[^1].Sequence;
                        yield return batch;
                        if (position >= from)
                        {
                            break;
                        }
                    }
                }

                while (await follower.WaitAsync(cancellationToken))
                {
                    if (follower.Take(position) is { Count: > 0 } batch)
                    {
                        position = batch[^1].Sequence;
                        yield return batch;
                    }
                }
            }
            finally
            {
                Leave(follower);
            }
        }
    }

    private (Follower Follower, long From) Join(ulong epoch)
    {
        lock (gate)
        {
            if (place is not { } here || here.Epoch != epoch)
            {
                throw new LogUnavailableException($"The tail is not in the log of epoch {epoch:x12}.");
            }

            var follower = new Follower();
            followers.Add(follower);
            return (follower, here.LastSequence);
        }
    }

    private void Leave(Follower follower)
    {
        lock (gate)
        {
            followers.Remove(follower);
        }
    }

    /// <summary>Events on their way to one follower.</summary>
    private sealed class Follower
    {
        private readonly Channel<StoredEvent> events = Channel.CreateUnbounded<StoredEvent>(new() { SingleReader = true, SingleWriter = true });
        private long waiting; // bytes

        public void Add(StoredEvent e)
        {
            if (Interlocked.Add(ref waiting, e.Body.Length) > MostBytesWaiting)
            {
                End();
            }

            events.Writer.TryWrite(e);
        }

        public void End(LogUnavailableException? why = null) => events.Writer.TryComplete(why);

        /// <summary>Waits for an event; false when no more come, because too many waited.</summary>
        public ValueTask<bool> WaitAsync(CancellationToken cancellationToken) => events.Reader.WaitToReadAsync(cancellationToken);

        /// <summary>What has come above a place: at most as many bytes as a batch of the log, or one event that alone is larger.</summary>
        public List<StoredEvent> Take(long above)
        {
            var (batch, bytes) = (new List<StoredEvent>(), 0L);
            while (events.Reader.TryPeek(out var e) && (batch.Count == 0 || bytes + e.Body.Length <= LogRange.DefaultMaxBytes))
            {
                events.Reader.TryRead(out _);
                Interlocked.Add(ref waiting, -e.Body.Length);
                if (e.Sequence > above)
                {
                    batch.Add(e);
                    bytes += e.Body.Length;
                }
            }

            return batch;
        }
    }
}
