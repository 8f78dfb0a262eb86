using RealtimeHub.Core.Log;

namespace RealtimeHub.Sqlite.Database;

/// <summary>The writer's connection, and what it remembers between transactions.</summary>
internal sealed class WriteContext(Session session, TimeProvider time) : IDisposable
{
    // About 20 MB when full; forgetting all of it costs one index lookup a topic.
    private const int MostTopics = 100_000;

    private readonly Dictionary<TopicKey, long> topics = [];

    public Session Session => session;

    /// <summary>Sequence of the last event that the current transaction has inserted; 0: none.</summary>
    public long LastSequence { get; set; }

    public long NowInMilliseconds => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>The row of a topic; 0 when it has none yet.</summary>
    public long FindTopic(TopicKey topic)
    {
        if (topics.TryGetValue(topic, out var id))
        {
            return id;
        }

        id = session.Scalar<long>("SELECT id FROM topics WHERE tenant = $1 AND topic = $2", topic.Tenant, topic.Topic.ToString()) ?? 0;
        return id == 0 ? 0 : Remember(topic, id);
    }

    public long AddTopic(TopicKey topic) => Remember(
        topic, session.Scalar<long>("INSERT INTO topics (tenant, topic) VALUES ($1, $2) RETURNING id", topic.Tenant, topic.Topic.ToString())!.Value);

    /// <summary>Forgets the name of a topic that has no events.</summary>
    public void RemoveTopicIfEmpty(TopicKey topic, long id)
    {
        topics.Remove(topic);
        session.Execute("DELETE FROM topics WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM events WHERE topic = $1)", id);
    }

    public void Begin()
    {
        LastSequence = 0;
        session.Execute("BEGIN IMMEDIATE");
    }

    public void Commit() => session.Execute("COMMIT");

    /// <summary>Undoes the transaction, also when SQLite has undone it by itself already.</summary>
    public void Rollback()
    {
        topics.Clear();
        if (session.InTransaction)
        {
            session.Execute("ROLLBACK");
        }
    }

    public void Dispose() => session.Dispose();

    private long Remember(TopicKey topic, long id)
    {
        if (topics.Count >= MostTopics)
        {
            topics.Clear();
        }

        topics[topic] = id;
        return id;
    }
}
