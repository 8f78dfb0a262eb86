using System.Runtime.CompilerServices;
using Microsoft.Extensions.Time.Testing;
using RealtimeHub.Core.Documents;
using RealtimeHub.Core.Liveness;
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

    public async ValueTask<long> RemoveTopicAsync(TopicKey topic, long through, CancellationToken cancellationToken)
    {
        try
        {
            return await inner.RemoveTopicAsync(topic, through, cancellationToken);
        }
        finally
        {
            changed.Raise();
        }
    }

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
internal sealed class WatchedDocuments(IDocumentStore inner, Signal changed) : IDocumentStore
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

    public ValueTask<IDocumentWatch> WatchAsync(string prefix, CancellationToken cancellationToken) => inner.WatchAsync(prefix, cancellationToken);

    public async IAsyncEnumerable<Document> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var document in inner.ListAsync(prefix, cancellationToken))
        {
            yield return document;
        }
    }
}

/// <summary>A fake clock that says when somebody waits for it.</summary>
/// <remarks>
/// Whoever sets a timer of the fake clock also fires what is due. If the clock moves meanwhile, a periodic timer takes its next tick for
/// given and is silent: so setting timers and moving the clock exclude each other.
/// </remarks>
internal sealed class WatchedTime(DateTimeOffset start, Signal changed) : FakeTimeProvider(start)
{
    private readonly Lock gate = new();
    private int timers;

    /// <summary>How many timers were made.</summary>
    public int Timers => Volatile.Read(ref timers);

    public new void Advance(TimeSpan delta)
    {
        lock (gate)
        {
            base.Advance(delta);
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ITimer timer;
        lock (gate)
        {
            timer = base.CreateTimer(callback, state, dueTime, period);
        }

        Interlocked.Increment(ref timers);
        changed.Raise();
        return new GatedTimer(timer, gate);
    }

    private sealed class GatedTimer(ITimer inner, Lock gate) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (gate)
            {
                return inner.Change(dueTime, period);
            }
        }

        public void Dispose() => inner.Dispose();

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}

/// <summary>Connections of agents that count how often they are looked at.</summary>
internal sealed class WatchedAgents(TimeProvider time, Signal changed) : IAgentConnections
{
    private readonly AgentConnections inner = new(time);
    private int looks;

    public int Looks => Volatile.Read(ref looks);

    public IDisposable Open(string tenant, IReadOnlyCollection<string> agentIds) => inner.Open(tenant, agentIds);

    public void Heard(TopicKey agent) => inner.Heard(agent);

    public IReadOnlyList<AgentSighting> Look()
    {
        var seen = inner.Look();
        Interlocked.Increment(ref looks);
        changed.Raise();
        return seen;
    }
}
