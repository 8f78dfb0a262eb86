using System.Runtime.CompilerServices;
using Microsoft.Extensions.Time.Testing;
using RealtimeHub.Core.Documents;
using RealtimeHub.Core.Log;
using RealtimeHub.Specification.InMemory;

namespace RealtimeHub.Core.Tests.Node;

/// <summary>A log that raises a signal after each append.</summary>
internal sealed class WatchedLog(InMemoryEventLog inner, Signal changed) : IEventLog
{
    public ValueTask<LogHead> GetHeadAsync(CancellationToken cancellationToken) => inner.GetHeadAsync(cancellationToken);

    public async ValueTask<AppendResult> AppendAsync(
        TopicKey topic, IReadOnlyList<NewEvent> events, long? expectedState, CancellationToken cancellationToken)
    {
        try
        {
            return await inner.AppendAsync(topic, events, expectedState, cancellationToken);
        }
        finally
        {
            changed.Raise();
        }
    }

    public ValueTask<EventPage> ReadAsync(TopicKey topic, LogRange range, CancellationToken cancellationToken) =>
        inner.ReadAsync(topic, range, cancellationToken);

    public ValueTask<IReadOnlyDictionary<string, StoredEvent>> FindAsync(
        TopicKey topic, IReadOnlyCollection<string> ids, CancellationToken cancellationToken) => inner.FindAsync(topic, ids, cancellationToken);

    public IAsyncEnumerable<IReadOnlyList<StoredEvent>> TailAsync(long after, CancellationToken cancellationToken) =>
        inner.TailAsync(after, cancellationToken);

    public ValueTask<long> FindSequenceAsync(DateTimeOffset time, CancellationToken cancellationToken) =>
        inner.FindSequenceAsync(time, cancellationToken);

    public async ValueTask<long> PurgeStreamLaneAsync(long before, CancellationToken cancellationToken)
    {
        try
        {
            return await inner.PurgeStreamLaneAsync(before, cancellationToken);
        }
        finally
        {
            changed.Raise();
        }
    }
}

/// <summary>Documents that raise a signal after each write.</summary>
internal sealed class WatchedDocuments(InMemoryDocumentStore inner, Signal changed) : IDocumentStore
{
    public ValueTask<Document?> GetAsync(string key, CancellationToken cancellationToken) => inner.GetAsync(key, cancellationToken);

    public async ValueTask<long?> PutAsync(
        string key, ReadOnlyMemory<byte> value, long? expectedRevision, CancellationToken cancellationToken)
    {
        try
        {
            return await inner.PutAsync(key, value, expectedRevision, cancellationToken);
        }
        finally
        {
            changed.Raise();
        }
    }

    public async ValueTask<bool> DeleteAsync(string key, long? expectedRevision, CancellationToken cancellationToken)
    {
        try
        {
            return await inner.DeleteAsync(key, expectedRevision, cancellationToken);
        }
        finally
        {
            changed.Raise();
        }
    }

    public async IAsyncEnumerable<Document> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var document in inner.ListAsync(prefix, cancellationToken))
        {
            yield return document;
        }
    }
}

/// <summary>A fake clock that says when somebody waits for it.</summary>
internal sealed class WatchedTime(DateTimeOffset start, Signal changed) : FakeTimeProvider(start)
{
    private int timers;

    /// <summary>How many timers were made.</summary>
    public int Timers => Volatile.Read(ref timers);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        Interlocked.Increment(ref timers);
        changed.Raise();
        return timer;
    }
}
