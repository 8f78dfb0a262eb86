using RealtimeHub.Core.Log;
using RealtimeHub.Specification.InMemory;

namespace RealtimeHub.Core.Tests.Node;

/// <summary>A log whose appends a test takes into its own hands.</summary>
internal sealed class AppendingLog(InMemoryEventLog log, Func<TopicKey, IReadOnlyList<NewEvent>, long?, AppendResult> append) : IEventLog
{
    public ValueTask<LogHead> GetHeadAsync(CancellationToken cancellationToken) => log.GetHeadAsync(cancellationToken);

    public async ValueTask<AppendResult> AppendAsync(
        TopicKey topic, IReadOnlyList<NewEvent> events, long? expectedState, CancellationToken cancellationToken)
    {
        await Task.Yield();
        return append(topic, events, expectedState);
    }

    public ValueTask<EventPage> ReadAsync(TopicKey topic, LogRange range, CancellationToken cancellationToken) => log.ReadAsync(topic, range, cancellationToken);

    public ValueTask<IReadOnlyDictionary<string, StoredEvent>> FindAsync(
        TopicKey topic, IReadOnlyCollection<string> ids, CancellationToken cancellationToken) => log.FindAsync(topic, ids, cancellationToken);

    public IAsyncEnumerable<IReadOnlyList<StoredEvent>> TailAsync(long after, CancellationToken cancellationToken) => log.TailAsync(after, cancellationToken);

    public ValueTask<long> FindSequenceAsync(DateTimeOffset time, CancellationToken cancellationToken) => log.FindSequenceAsync(time, cancellationToken);

    public ValueTask<long> PurgeStreamLaneAsync(long before, CancellationToken cancellationToken) => log.PurgeStreamLaneAsync(before, cancellationToken);

    public ValueTask<long> RemoveTopicAsync(TopicKey topic, long through, CancellationToken cancellationToken) => log.RemoveTopicAsync(topic, through, cancellationToken);
}
