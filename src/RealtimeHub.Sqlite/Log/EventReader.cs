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
    // They have no LIMIT: rows are made one by one as they are read, and how many fit is seen then.
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

    internal const string At = "SELECT seq, time FROM events WHERE seq >= $1 ORDER BY seq LIMIT 1";

    // A page fits a batch of the writer; the tail of a busy log catches up in few reads.
    private const int PageEvents = 1_024;

    /// <summary>The statement of a range.</summary>
    internal static string For(LaneFilter lanes, bool descending) => (lanes, descending) switch
    {
        (LaneFilter.State, false) => StateLane,
        (LaneFilter.State, true) => StateLane + " DESC",
        (_, false) => BothLanes,
        (_, true) => BothLanes + " DESC",
    };

    public EventPage Read(Session session, (TopicKey Topic, LogRange Range) query)
    {
        var (topic, range) = query;
        using var rows = session.Statement(
            For(range.Lanes, range.Descending), topic.Tenant, topic.Topic.ToString(), range.After, range.Before).ExecuteReader();
        var events = new List<StoredEvent>(Math.Min(range.Limit, 64));
        var bytes = 0L;
        while (rows.Read())
        {
            if (ReadEvent(topic, rows) is not { } e)
            {
                continue;
            }

            bytes += e.Body.Length;
            if (bytes > range.MaxBytes && events.Count > 0)
            {
                return new EventPage(events, hasMore: true);
            }

            events.Add(e);
            if (events.Count == range.Limit)
            {
                return new EventPage(events, hasMore: true);
            }
        }

        return new EventPage(events, hasMore: false);
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
        var (last, bytes) = (0L, 0L);
        while (rows.Read())
        {
            if (ReadEvent(new TopicKey(rows.GetString(4), Contracts.Topic.Parse(rows.GetString(5))), rows) is { } e)
            {
                bytes += e.Body.Length;
                if (bytes > LogRange.DefaultMaxBytes && events.Count > 0)
                {
                    break;
                }

                events.Add(e);
            }

            last = rows.GetInt64(0);
        }

        return (events, last);
    }

    /// <summary>The sequence that parts what was taken before a time from the rest, up to one above <paramref name="query"/>'s head.</summary>
    /// <remarks>Halves the sequences: two dozen lookups in a log of ten million, and no index of times to keep for what is asked now and then.</remarks>
    public static long FindSequence(Session session, (DateTimeOffset Time, long Head) query)
    {
        var time = query.Time.ToUnixTimeMilliseconds();
        var (low, high) = (1L, query.Head + 1);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            using var row = session.Statement(At, middle).ExecuteReader();
            if (!row.Read() || row.GetInt64(0) >= high || row.GetInt64(1) >= time)
            {
                high = middle;
            }
            else
            {
                low = row.GetInt64(0) + 1;
            }
        }

        return high;
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
