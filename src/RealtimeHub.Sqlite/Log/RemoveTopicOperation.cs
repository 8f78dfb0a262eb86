using RealtimeHub.Core.Log;
using RealtimeHub.Sqlite.Database;

namespace RealtimeHub.Sqlite.Log;

/// <summary>One step of removing a topic: its oldest events up to a sequence, and its name when nothing is left. The last step finds fewer than there is room for.</summary>
internal sealed class RemoveTopicOperation(TopicKey topic, long through) : WriteOperation<int>
{
    /// <summary>Small, because appends share the transaction of a step.</summary>
    internal const int StepEvents = 50;

    // Both lanes are walked along events_by_lane, which SQLite merges by sequence.
    internal const string Oldest =
        """
        SELECT seq FROM events WHERE topic = $1 AND lane = 0 AND seq <= $2
        UNION ALL SELECT seq FROM events WHERE topic = $1 AND lane = 1 AND seq <= $2
        ORDER BY seq LIMIT $3
        """;

    internal const string Delete = "DELETE FROM events WHERE seq = $1";

    public override int Size => StepEvents * 4096;

    protected override int Write(WriteContext context)
    {
        var topicId = context.FindTopic(topic);
        if (topicId == 0)
        {
            return 0;
        }

        var sequences = Find(context.Session, topicId);
        foreach (var sequence in sequences)
        {
            context.Session.Execute(Delete, sequence);
        }

        if (sequences.Count < StepEvents)
        {
            context.RemoveTopicIfEmpty(topic, topicId);
        }

        return sequences.Count;
    }

    private List<long> Find(Session session, long topicId)
    {
        using var rows = session.Statement(Oldest, topicId, through, StepEvents).ExecuteReader();
        var sequences = new List<long>(StepEvents);
        while (rows.Read())
        {
            sequences.Add(rows.GetInt64(0));
        }

        return sequences;
    }
}
