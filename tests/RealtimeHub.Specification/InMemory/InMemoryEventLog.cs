using System.Runtime.CompilerServices;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Specification.InMemory;

/// <summary>A log in memory: the plainest thing that passes <see cref="Log.EventLogSpecification"/>, and the oracle for other tests.</summary>
/// <remarks>A test can inject faults, purge events, roll the tail back and change the epoch, also while tails run.</remarks>
public sealed class InMemoryEventLog : IEventLog
{
    private readonly Lock gate = new();
    private readonly List<StoredEvent> events = [];
    private readonly Dictionary<TopicKey, TopicEvents> topics = [];
    private readonly List<(long Sequence, DateTimeOffset TakenAt)> times = [];
    private readonly TimeProvider time;
    private TaskCompletionSource changed = NewSource();
    private long lastSequence;
    private int incarnation;
    private int tails;

    /// <summary>An empty log.</summary>
    public InMemoryEventLog(ulong epoch = 1, TimeProvider? time = null)
    {
        this.time = time ?? TimeProvider.System;
        Epoch = epoch;
        Faults.Changed = Signal;
    }

    /// <summary>What goes wrong next.</summary>
    public Faults Faults { get; } = new();

    /// <summary>The incarnation; changed by <see cref="Renew"/>.</summary>
    public ulong Epoch { get; private set; }

    /// <summary>How many appends were asked for, those that failed or conflicted among them.</summary>
    public int Appends { get; private set; }

    /// <summary>How many times a topic was read.</summary>
    public int Reads { get; private set; }

    /// <summary>How many times the stream lane was purged.</summary>
    public int Purges { get; private set; }

    /// <summary>How many tails were begun.</summary>
    public int Tails => Volatile.Read(ref tails);

    /// <summary>Every event, in order.</summary>
    public IReadOnlyList<StoredEvent> Events
    {
        get
        {
            lock (gate)
            {
                return [.. events];
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask<LogHead> GetHeadAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Faults.ThrowIfDown();
        lock (gate)
        {
            return ValueTask.FromResult(new LogHead(Epoch, lastSequence));
        }
    }

    /// <inheritdoc/>
    public async ValueTask<AppendResult> AppendAsync(
        TopicKey topic, IReadOnlyList<NewEvent> events, long? expectedState, CancellationToken cancellationToken)
    {
        LogArguments.Check(topic, events);
        cancellationToken.ThrowIfCancellationRequested();
        await Task.Yield(); // no backend answers before it has been asked: callers must bear the wait
        return Append(topic, events, expectedState);
    }

    /// <summary>Appends without the wait.</summary>
    /// <exception cref="LogUnavailableException">A fault was injected.</exception>
    public AppendResult Append(TopicKey topic, IReadOnlyList<NewEvent> events, long? expectedState)
    {
        LogArguments.Check(topic, events);
        lock (gate)
        {
            Appends++;
            return Faults.Write(() => Store(topic, events, expectedState));
        }
    }

    /// <inheritdoc/>
    public ValueTask<EventPage> ReadAsync(TopicKey topic, LogRange range, CancellationToken cancellationToken)
    {
        LogArguments.Check(range);
        cancellationToken.ThrowIfCancellationRequested();
        Faults.ThrowIfDown();
        lock (gate)
        {
            Reads++;
            var inRange = TopicOf(topic).Events.Where(e =>
                e.Sequence > range.After && e.Sequence < range.Before && (range.Lanes == LaneFilter.Both || e.Lane == Lane.State));
            var found = (range.Descending ? inRange.Reverse() : inRange).Take(range.Limit + 1).ToArray();
            var page = Cut(found, range.Limit, range.MaxBytes);
            return ValueTask.FromResult(new EventPage(page, hasMore: page.Length < found.Length));
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyDictionary<string, StoredEvent>> FindAsync(
        TopicKey topic, IReadOnlyCollection<string> ids, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Faults.ThrowIfDown();
        lock (gate)
        {
            var byId = TopicOf(topic).ById;
            return ValueTask.FromResult<IReadOnlyDictionary<string, StoredEvent>>(
                ids.Distinct().Where(byId.ContainsKey).ToDictionary(id => id, id => byId[id]));
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<IReadOnlyList<StoredEvent>> TailAsync(
        long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref tails);
        var (position, begunIn) = (after, incarnation);
        while (true)
        {
            // First the wait, then the look: a change between the two completes it.
            Task wait = Volatile.Read(ref changed).Task;
            cancellationToken.ThrowIfCancellationRequested();
            Faults.ThrowIfDown();
            StoredEvent[] batch;
            lock (gate)
            {
                if (incarnation != begunIn)
                {
                    throw new LogUnavailableException("The log is not the one that was followed.");
                }

                var first = FirstAfter(position);
                batch = Cut(events[first..Math.Min(events.Count, first + LogArguments.MaxLimit)], LogArguments.MaxLimit, LogRange.DefaultMaxBytes);
            }

            if (batch.Length > 0)
            {
                position = batch[^1].Sequence;
                yield return batch;
            }
            else
            {
                await wait.WaitAsync(cancellationToken);
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask<long> FindSequenceAsync(DateTimeOffset time, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Faults.ThrowIfDown();
        lock (gate)
        {
            var later = times.FindIndex(t => t.TakenAt >= time);
            return ValueTask.FromResult(later < 0 ? lastSequence + 1 : times[later].Sequence);
        }
    }

    /// <inheritdoc/>
    public ValueTask<long> PurgeStreamLaneAsync(long before, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            Purges++;
            return ValueTask.FromResult(Faults.Write(() => Remove(e => e.Lane == Lane.Stream && e.Sequence < before)));
        }
    }

    /// <inheritdoc/>
    public ValueTask<long> RemoveTopicAsync(TopicKey topic, long through, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            return ValueTask.FromResult(Faults.Write(() => Remove(e => e.Topic == topic && e.Sequence <= through)));
        }
    }

    /// <summary>Removes these events and no others: what a test knows to be of no use any more.</summary>
    public void Purge(params long[] sequences) => Remove(e => sequences.Contains(e.Sequence));

    /// <summary>Forgets everything above a sequence, as restoring a backup does; running tails end.</summary>
    public void RollBack(long toSequence)
    {
        Remove(e => e.Sequence > toSequence);
        Interrupt(() =>
        {
            lastSequence = Math.Min(lastSequence, toSequence);
            times.RemoveAll(t => t.Sequence > toSequence);
        });
    }

    /// <summary>Makes the log anew: empty, with another epoch; running tails end.</summary>
    public void Renew() => Restore(toSequence: 0);

    /// <summary>Makes the log anew from a backup: with what was there up to a sequence, and another epoch; running tails end.</summary>
    public void Restore(long toSequence)
    {
        Remove(e => e.Sequence > toSequence);
        Interrupt(() =>
        {
            (lastSequence, Epoch) = (Math.Min(lastSequence, toSequence), Epoch + 1);
            times.RemoveAll(t => t.Sequence > toSequence);
        });
    }

    /// <summary>Forgets the ids of what was appended, as a stream does whose window for duplicates has passed.</summary>
    public void ForgetIds()
    {
        lock (gate)
        {
            foreach (var topic in topics.Values)
            {
                topic.ById.Clear();
            }
        }
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private AppendResult Store(TopicKey topic, IReadOnlyList<NewEvent> added, long? expectedState)
    {
        var known = TopicOf(topic);
        var own = added.Where(e => known.ById.ContainsKey(e.Id)).Select(e => known.ById[e.Id].Sequence).ToHashSet();
        if (expectedState is { } expected && added.Any(e => e.Lane == Lane.State && !known.ById.ContainsKey(e.Id)))
        {
            // The append's own events, stored when it was tried before, are no reason to refuse the rest of it.
            var last = known.Events.LastOrDefault(e => e.Lane == Lane.State && (e.Sequence <= expected || !own.Contains(e.Sequence)));
            if ((last?.Sequence ?? 0) != expected)
            {
                return new AppendResult(AppendStatus.Conflict, 0, 0);
            }
        }

        topics[topic] = known;
        var duplicates = 0;
        foreach (var e in added)
        {
            if (known.ById.ContainsKey(e.Id))
            {
                duplicates++;
                continue;
            }

            var stored = StoredEvent.TryRead(topic, e.Lane, ++lastSequence, e.Body.ToArray(), e.Meta)!;
            events.Add(stored);
            times.Add((stored.Sequence, time.GetUtcNow()));
            known.Events.Add(stored);
            known.ById.Add(e.Id, stored);
        }

        Signal();
        return new AppendResult(AppendStatus.Stored, known.ById[added[^1].Id].Sequence, duplicates);
    }

    private TopicEvents TopicOf(TopicKey topic) => topics.GetValueOrDefault(topic) ?? new TopicEvents([], []);

    private int FirstAfter(long sequence)
    {
        var (low, high) = (0, events.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = events[middle].Sequence <= sequence ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    // The first events that fit, and the first one in any case.
    private static StoredEvent[] Cut(IReadOnlyList<StoredEvent> found, int limit, int maxBytes)
    {
        var bytes = 0L;
        return [.. found.Take(limit).TakeWhile((e, i) => (bytes += e.Body.Length) <= maxBytes || i == 0)];
    }

    private long Remove(Predicate<StoredEvent> isGone)
    {
        lock (gate)
        {
            var removed = events.RemoveAll(isGone);
            foreach (var topic in topics.Values)
            {
                foreach (var e in topic.Events.FindAll(isGone))
                {
                    topic.ById.Remove(e.Id);
                }

                topic.Events.RemoveAll(isGone);
            }

            return removed;
        }
    }

    private void Interrupt(Action change)
    {
        lock (gate)
        {
            change();
            incarnation++;
        }

        Signal();
    }

    private void Signal() => Interlocked.Exchange(ref changed, NewSource()).SetResult();

    private sealed record TopicEvents(List<StoredEvent> Events, Dictionary<string, StoredEvent> ById);
}
