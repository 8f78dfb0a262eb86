using System.Runtime.CompilerServices;
using RealtimeHub.Core.Log;
using RealtimeHub.Specification.InMemory;

namespace RealtimeHub.Core.Tests.Delivery.Model;

/// <summary>A log between two replacements: what was appended to it, also what was purged or lost later.</summary>
internal sealed record Era(ulong Epoch, IReadOnlyList<StoredEvent> Events);

/// <summary>A place in what happened to the log.</summary>
internal readonly record struct LogPlace(int Era, long Sequence);

/// <summary>A log that answers late, in parts or not at all, and that can be replaced. Remembers all that it ever held.</summary>
internal sealed class ModelLog(int tailBatch) : IEventLog
{
    private readonly InMemoryEventLog log = new();
    private readonly Lock gate = new();
    private readonly List<Era> past = [];
    private readonly List<StoredEvent> purged = [];
    private readonly Gate tail = new();
    private readonly Gate reads = new();
    private int readsToFail;

    /// <summary>Whether it does not answer at all.</summary>
    public bool IsDown => log.Faults.IsDown;

    /// <summary>Whether a read may have failed: then something waits for the clock.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>The last sequence.</summary>
    public LogPlace Place
    {
        get
        {
            lock (gate)
            {
                return new(past.Count, log.Events is [.., var last] ? last.Sequence : 0);
            }
        }
    }

    /// <summary>The incarnation.</summary>
    public ulong Epoch => log.Epoch;

    /// <summary>The topic's events as they can be read now.</summary>
    public IEnumerable<StoredEvent> EventsOf(TopicKey topic) => log.Events.Where(e => e.Topic == topic);

    /// <summary>Every log that there was; the last one is the present one.</summary>
    public IReadOnlyList<Era> Eras => [.. past, new Era(log.Epoch, [.. purged.Concat(log.Events).OrderBy(e => e.Sequence)])];

    public void HoldTail(bool isHeld) => tail.Set(isHeld);

    public void HoldReads(bool areHeld) => reads.Set(areHeld);

    public void FailReads(int count) => Volatile.Write(ref readsToFail, count);

    /// <summary>Begins, or ceases, not to answer.</summary>
    public void SetDown(bool isDown)
    {
        log.Faults.IsDown = isDown;
        HasFailed |= isDown;
    }

    /// <summary>Removes deltas of what is complete, as retention does.</summary>
    public void Purge(IReadOnlyList<StoredEvent> deltas)
    {
        purged.AddRange(deltas);
        log.Purge([.. deltas.Select(e => e.Sequence)]);
    }

    /// <summary>Another log takes its place: an empty one, or what a backup holds.</summary>
    public void Replace(long keepTo)
    {
        var wasDown = IsDown;
        SetDown(true); // so that nobody looks at a log that is half of the one and half of the other
        lock (gate)
        {
            past.Add(Eras[^1]);
            purged.RemoveAll(e => e.Sequence > keepTo);
            log.Restore(keepTo);
        }

        SetDown(wasDown);
    }

    /// <summary>Appends at once: what comes between is not the model's matter.</summary>
    public ValueTask<AppendResult> AppendAsync(
        TopicKey topic, IReadOnlyList<NewEvent> events, long? expectedState, CancellationToken cancellationToken) =>
        ValueTask.FromResult(log.Append(topic, events, expectedState));

    public async ValueTask<LogHead> GetHeadAsync(CancellationToken cancellationToken)
    {
        await Task.Yield();
        return await log.GetHeadAsync(cancellationToken);
    }

    public async ValueTask<EventPage> ReadAsync(TopicKey topic, LogRange range, CancellationToken cancellationToken)
    {
        await Task.Yield();
        await reads.Passed;
        if (Volatile.Read(ref readsToFail) > 0 && Interlocked.Decrement(ref readsToFail) >= 0)
        {
            HasFailed = true;
            throw new LogUnavailableException("The model has let a read fail.");
        }

        return await log.ReadAsync(topic, range, cancellationToken);
    }

    public ValueTask<IReadOnlyDictionary<string, StoredEvent>> FindAsync(
        TopicKey topic, IReadOnlyCollection<string> ids, CancellationToken cancellationToken) => log.FindAsync(topic, ids, cancellationToken);

    public ValueTask<long> FindSequenceAsync(DateTimeOffset time, CancellationToken cancellationToken) => log.FindSequenceAsync(time, cancellationToken);

    public ValueTask<long> PurgeStreamLaneAsync(long before, CancellationToken cancellationToken) => log.PurgeStreamLaneAsync(before, cancellationToken);

    public ValueTask<long> RemoveTopicAsync(TopicKey topic, long through, CancellationToken cancellationToken) =>
        log.RemoveTopicAsync(topic, through, cancellationToken);

    public async IAsyncEnumerable<IReadOnlyList<StoredEvent>> TailAsync(long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var batch in log.TailAsync(after, cancellationToken))
        {
            foreach (var part in batch.Chunk(tailBatch))
            {
                await Task.Yield();
                await tail.Passed;
                yield return part;
            }
        }
    }

    /// <summary>The log as the tail alone asks for it.</summary>
    public IEventLog ForTail(Action<int> noticed) => new TailLog(this, noticed);

    // A log that is replaced between the tail's question for its head and its answer is one that is not there to be followed.
    private sealed class TailLog(ModelLog whole, Action<int> noticed) : IEventLog
    {
        private int era;

        public async ValueTask<LogHead> GetHeadAsync(CancellationToken cancellationToken)
        {
            var head = await whole.GetHeadAsync(cancellationToken);
            era = whole.Place.Era;
            return head;
        }

        public async IAsyncEnumerable<IReadOnlyList<StoredEvent>> TailAsync(long after, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            var tail = whole.TailAsync(after, cancellationToken);
            if (whole.Place.Era != era)
            {
                throw new LogUnavailableException("The log is not the one that was asked for its head.");
            }

            noticed(era);
            await foreach (var batch in tail)
            {
                yield return batch;
            }
        }

        public ValueTask<AppendResult> AppendAsync(
            TopicKey topic, IReadOnlyList<NewEvent> events, long? expectedState, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<EventPage> ReadAsync(TopicKey topic, LogRange range, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask<long> FindSequenceAsync(DateTimeOffset time, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<long> PurgeStreamLaneAsync(long before, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<long> RemoveTopicAsync(TopicKey topic, long through, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<IReadOnlyDictionary<string, StoredEvent>> FindAsync(
            TopicKey topic, IReadOnlyCollection<string> ids, CancellationToken cancellationToken) => throw new NotSupportedException();
    }

    private sealed class Gate
    {
        private TaskCompletionSource? closed;

        public Task Passed => Volatile.Read(ref closed)?.Task ?? Task.CompletedTask;

        public void Set(bool isClosed)
        {
            if (!isClosed)
            {
                Interlocked.Exchange(ref closed, null)?.SetResult();
            }
            else if (closed is null)
            {
                Volatile.Write(ref closed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            }
        }
    }
}
