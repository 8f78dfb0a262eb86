using System.Runtime.CompilerServices;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Tests.Delivery;

/// <summary>A log whose tail can be held back, as on a node that lags.</summary>
internal sealed class HeldTailLog(IEventLog log) : IEventLog
{
    private TaskCompletionSource open = Opened();

    /// <summary>How often the log was asked for anything but its tail.</summary>
    public int Reads => Volatile.Read(ref reads);

    private int reads;

    public void Hold() => open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void LetGo() => open.TrySetResult();

    public ValueTask<LogHead> GetHeadAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref reads);
        return log.GetHeadAsync(cancellationToken);
    }

    public ValueTask<AppendResult> AppendAsync(
        TopicKey topic, IReadOnlyList<NewEvent> events, long? expectedState, CancellationToken cancellationToken) =>
        log.AppendAsync(topic, events, expectedState, cancellationToken);

    public ValueTask<EventPage> ReadAsync(TopicKey topic, LogRange range, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref reads);
        return log.ReadAsync(topic, range, cancellationToken);
    }

    public ValueTask<IReadOnlyDictionary<string, StoredEvent>> FindAsync(
        TopicKey topic, IReadOnlyCollection<string> ids, CancellationToken cancellationToken) => log.FindAsync(topic, ids, cancellationToken);

    public async IAsyncEnumerable<IReadOnlyList<StoredEvent>> TailAsync(long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var batch in log.TailAsync(after, cancellationToken))
        {
            await open.Task.WaitAsync(cancellationToken);
            yield return batch;
        }
    }

    public ValueTask<long> FindSequenceAsync(DateTimeOffset time, CancellationToken cancellationToken) => log.FindSequenceAsync(time, cancellationToken);

    public ValueTask<long> PurgeStreamLaneAsync(long before, CancellationToken cancellationToken) => log.PurgeStreamLaneAsync(before, cancellationToken);

    public ValueTask<long> RemoveTopicAsync(TopicKey topic, long through, CancellationToken cancellationToken) =>
        log.RemoveTopicAsync(topic, through, cancellationToken);

    private static TaskCompletionSource Opened()
    {
        var source = new TaskCompletionSource();
        source.SetResult();
        return source;
    }
}
