using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Log;
using RealtimeHub.Sqlite.Database;

namespace RealtimeHub.Sqlite.Log;

/// <summary>The log's reads. Each goes along an index, forward or backward, and sorts nothing.</summary>
internal sealed class EventReader(ILogger logger)
{
    internal const string Topic = "(SELECT id FROM topics WHERE tenant = $1 AND topic = $2)";

    // Two walks along events_by_lane that SQLite merges by sequence: the same index serves one lane and both.
    internal const string StateLane = Select + Range + "0 ORDER BY seq";
    internal const string BothLanes = Select + Range + "0 UNION ALL " + Select + Range + "1 ORDER BY seq";

    internal const string ById = Select + "WHERE topic = " + Topic + " AND id = $3";

    internal const string Page =
        """
        SELECT e.seq, e.lane, e.meta, e.body, t.tenant, t.topic
        FROM events AS e CROSS JOIN topics AS t ON t.id = e.topic
        WHERE e.seq > $1 ORDER BY e.seq LIMIT $2
        """;

    private const string Select = "SELECT seq, lane, meta, body FROM events ";
    private const string Range = "WHERE topic = " + Topic + " AND seq > $3 AND seq < $4 AND lane = ";

    // A page fits a batch of the writer; the tail of a busy log catches up in few reads, and one of large events stays small.
    private const int PageEvents = 1_024;
    private const int PageBytes = 4 * 1024 * 1024;

    /// <summary>The statement of a range.</summary>
    internal static string For(LaneFilter lanes, bool descending) => (lanes, descending) switch
    {
        (LaneFilter.State, false) => StateLane + " LIMIT $5",
        (LaneFilter.State, true) => StateLane + " DESC LIMIT $5",
        (_, false) => BothLanes + " LIMIT $5",
        (_, true) => BothLanes + " DESC LIMIT $5",
    };

    public IReadOnlyList<StoredEvent> Read(Session session, (TopicKey Topic, LogRange Range) query)
    {
        var (topic, range) = query;
        using var rows = session.Statement(
            For(range.Lanes, range.Descending), topic.Tenant, topic.Topic.ToString(), range.After, range.Before, range.Limit).ExecuteReader();
        var events = new List<StoredEvent>(Math.Min(range.Limit, 64));
        while (rows.Read())
        {
            if (ReadEvent(topic, rows) is { } e)
            {
                events.Add(e);
            }
        }

        return events;
    }

    public IReadOnlyDictionary<string, StoredEvent> Find(Session session, (TopicKey Topic, IReadOnlyCollection<string> Ids) query)
    {
        var found = new Dictionary<string, StoredEvent>(StringComparer.Ordinal);
        foreach (var id in query.Ids)
        {
            using var rows = session.Statement(
                ById, query.Topic.Tenant, query.Topic.Topic.ToString(), EventIdHash.Of(id)).ExecuteReader();
            if (rows.Read() && ReadEvent(query.Topic, rows) is { } e)
            {
                found[id] = e;
            }
        }

        return found;
    }

    /// <summary>The next events of the whole log, and the sequence of the last row; 0 when there was none.</summary>
    public (IReadOnlyList<StoredEvent> Events, long LastSequence) ReadPage(Session session, long after)
    {
        using var rows = session.Statement(Page, after, PageEvents).ExecuteReader();
        var events = new List<StoredEvent>();
        var (last, bytes) = (0L, 0);
        while (bytes < PageBytes && rows.Read())
        {
            last = rows.GetInt64(0);
            if (ReadEvent(new TopicKey(rows.GetString(4), Contracts.Topic.Parse(rows.GetString(5))), rows) is { } e)
            {
                events.Add(e);
                bytes += e.Body.Length;
            }
        }

        return (events, last);
    }

    private StoredEvent? ReadEvent(TopicKey topic, SqliteDataReader row)
    {
        var sequence = row.GetInt64(0);
        var meta = row.IsDBNull(2) ? null : row.GetFieldValue<byte[]>(2);
        var e = StoredEvent.TryRead(topic, (Lane)row.GetInt32(1), sequence, row.GetFieldValue<byte[]>(3), EventMetaJson.Read(meta));
        if (e is null)
        {
            SqliteLog.EventSkipped(logger, sequence);
        }

        return e;
    }
}
