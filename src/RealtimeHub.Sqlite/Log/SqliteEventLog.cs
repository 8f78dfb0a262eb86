using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Telemetry;
using RealtimeHub.Sqlite.Database;

namespace RealtimeHub.Sqlite.Log;

/// <summary>The log in a SQLite database: for one server, which needs nothing beside it.</summary>
internal sealed class SqliteEventLog(SqliteDatabase database, ILogger<SqliteEventLog> logger) : IEventLog
{
    private readonly EventReader reader = new(logger);
    private readonly StreamLanePurge purge = new(database, new PurgeWindow());

    public ValueTask<LogHead> GetHeadAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(new LogHead(database.Epoch, database.Commits.LastSequence));
    }

    public async ValueTask<AppendResult> AppendAsync(
        TopicKey topic, IReadOnlyList<NewEvent> events, long? expectedState, CancellationToken cancellationToken)
    {
        LogArguments.Check(topic, events);
        using var measurement = AppendMeasurement.Begin(events.Count);
        var result = await database.Writer.WriteAsync(new AppendOperation(topic, events, expectedState), cancellationToken);
        measurement.IsDone();
        return result;
    }

    public ValueTask<EventPage> ReadAsync(TopicKey topic, LogRange range, CancellationToken cancellationToken)
    {
        LogArguments.Check(range);
        return database.Readers.ReadAsync(reader.Read, (topic, range), cancellationToken);
    }

    public ValueTask<IReadOnlyDictionary<string, StoredEvent>> FindAsync(
        TopicKey topic, IReadOnlyCollection<string> ids, CancellationToken cancellationToken) =>
        database.Readers.ReadAsync(reader.Find, (topic, ids), cancellationToken);

    public async IAsyncEnumerable<IReadOnlyList<StoredEvent>> TailAsync(
        long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // One writer gives the sequences in the order of its commits, so nothing can appear below what was read.
        for (var position = after; ;)
        {
            var committed = await database.Commits.WaitBeyondAsync(position, cancellationToken);
            var (events, last) = await database.Readers.ReadAsync(reader.ReadPage, position, cancellationToken);
            if (events.Count > 0)
            {
                yield return events;
            }

            // No row up to the head: what was there has been purged.
            position = last > 0 ? last : committed;
        }
    }

    public ValueTask<long> FindSequenceAsync(DateTimeOffset time, CancellationToken cancellationToken) =>
        database.Readers.ReadAsync(EventReader.FindSequence, (time, database.Commits.LastSequence), cancellationToken);

    // Not beyond the head: what comes later is not purged by having been asked for too early.
    public ValueTask<long> PurgeStreamLaneAsync(long before, CancellationToken cancellationToken) =>
        purge.RunAsync(Math.Min(before, database.Commits.LastSequence + 1), cancellationToken);

    // Not beyond the head, for the same reason.
    public async ValueTask<long> RemoveTopicAsync(TopicKey topic, long through, CancellationToken cancellationToken)
    {
        var (end, removed) = (Math.Min(through, database.Commits.LastSequence), 0L);
        while (true)
        {
            var step = await database.Writer.WriteAsync(new RemoveTopicOperation(topic, end), cancellationToken);
            removed += step;
            if (step < RemoveTopicOperation.StepEvents)
            {
                return removed;
            }
        }
    }
}
