using System.Runtime.InteropServices;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Log;
using RealtimeHub.Sqlite.Database;

namespace RealtimeHub.Sqlite.Log;

/// <summary>Appends events to one topic. Everything is checked before anything is inserted, so that a refusal leaves nothing behind.</summary>
internal sealed class AppendOperation(TopicKey topic, IReadOnlyList<NewEvent> events, long? expectedState) : WriteOperation<AppendResult>
{
    // What a row and its index entries hold beside body and meta.
    private const int Overhead = 128;

    private readonly Entry[] entries = [.. events.Select(e => new Entry(e, EventIdHash.Of(e.Id), EventMetaJson.Write(e.Meta)))];

    public override int Size { get; } = events.Sum(e => e.Body.Length + Overhead);

    protected override AppendResult Write(WriteContext context)
    {
        var topicId = context.FindTopic(topic);
        var (duplicates, own) = FindDuplicates(context.Session, topicId);
        if (expectedState is { } expected && HasNewState() && LastStateBut(own, expected, context.Session, topicId) != expected)
        {
            return new AppendResult(AppendStatus.Conflict, 0, 0);
        }

        if (duplicates < entries.Length)
        {
            Insert(context, topicId == 0 ? context.AddTopic(topic) : topicId);
        }

        return new AppendResult(AppendStatus.Stored, entries[^1].Sequence, duplicates);
    }

    /// <summary>Fills in the sequences of what the log has already; also counts an id that comes twice in this append.</summary>
    private (int Count, HashSet<long> StateSequences) FindDuplicates(Session session, long topicId)
    {
        var duplicates = 0;
        var own = new HashSet<long>();
        var seen = new Dictionary<string, Entry>(StringComparer.Ordinal);
        foreach (var entry in entries)
        {
            entry.Forget();
            if (!seen.TryAdd(entry.Event.Id, entry))
            {
                entry.Twin = seen[entry.Event.Id];
                duplicates++;
                continue;
            }

            if (topicId == 0)
            {
                continue;
            }

            using var row = session.Statement("SELECT seq, lane FROM events WHERE topic = $1 AND id = $2", topicId, entry.IdHash).ExecuteReader();
            if (row.Read())
            {
                entry.Stored = row.GetInt64(0);
                duplicates++;
                if (row.GetInt32(1) == (int)Lane.State)
                {
                    own.Add(entry.Stored);
                }
            }
        }

        return (duplicates, own);
    }

    private bool HasNewState() => Array.Exists(entries, e => e is { Event.Lane: Lane.State, Stored: 0, Twin: null });

    /// <summary>The topic's last state event that is not a later one of this very append, stored when it was tried before.</summary>
    private static long LastStateBut(HashSet<long> own, long expected, Session session, long topicId)
    {
        if (topicId == 0)
        {
            return 0;
        }

        using var rows = session.Statement(
            "SELECT seq FROM events WHERE topic = $1 AND lane = 0 ORDER BY seq DESC LIMIT $2", topicId, own.Count + 1).ExecuteReader();
        while (rows.Read())
        {
            var sequence = rows.GetInt64(0);
            if (sequence <= expected || !own.Contains(sequence))
            {
                return sequence;
            }
        }

        return 0;
    }

    private void Insert(WriteContext context, long topicId)
    {
        var now = context.NowInMilliseconds;
        foreach (var entry in entries.Where(e => e is { Stored: 0, Twin: null }))
        {
            entry.Stored = context.Session.Scalar<long>(
                "INSERT INTO events (topic, lane, id, time, meta, body) VALUES ($1, $2, $3, $4, $5, $6) RETURNING seq",
                topicId, (int)entry.Event.Lane, entry.IdHash, now, entry.Meta, BytesOf(entry.Event.Body))!.Value;
            context.LastSequence = entry.Stored;
        }
    }

    /// <summary>The array itself when the memory is a whole one: bodies are not copied on their way in.</summary>
    private static byte[] BytesOf(ReadOnlyMemory<byte> memory) =>
        MemoryMarshal.TryGetArray(memory, out var segment) && segment.Offset == 0 && segment.Count == segment.Array!.Length
            ? segment.Array
            : memory.ToArray();

    private sealed class Entry(NewEvent e, byte[] idHash, byte[]? meta)
    {
        public NewEvent Event => e;

        public byte[] IdHash => idHash;

        public byte[]? Meta => meta;

        /// <summary>Its sequence; 0 while it has none.</summary>
        public long Stored { get; set; }

        /// <summary>The earlier event of the same id in the same append.</summary>
        public Entry? Twin { get; set; }

        public long Sequence => Twin?.Stored ?? Stored;

        public void Forget() => (Stored, Twin) = (0, null);
    }
}
