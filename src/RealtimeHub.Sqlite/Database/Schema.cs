using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace RealtimeHub.Sqlite.Database;

/// <summary>What is in the database file, and its version.</summary>
internal static class Schema
{
    public const int Version = 1;

    // AUTOINCREMENT: a sequence is never given twice, even when the newest rows are gone.
    //
    // events.topic refers to topics.id, so that neither the rows nor their two indexes repeat names. An event's id is kept as 128 bits of
    // its hash. Every index of SQLite ends with the row id, which is the sequence: events_by_lane is (topic, lane, seq), so the history of
    // a lane, and the last state event of a topic, are reads along it. events.time is when the log took the event, in Unix milliseconds.
    // The body comes last: reading what stands before it does not touch the pages that a long one overflows to.
    //
    // A document's revision is its row id: writing makes a new row, and so a number that no document ever had.
    private const string Tables =
        """
        CREATE TABLE settings (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE topics (
          id INTEGER PRIMARY KEY,
          tenant TEXT NOT NULL,
          topic TEXT NOT NULL,
          UNIQUE (tenant, topic));
        CREATE TABLE events (
          seq INTEGER PRIMARY KEY AUTOINCREMENT,
          topic INTEGER NOT NULL,
          lane INTEGER NOT NULL,
          id BLOB NOT NULL,
          time INTEGER NOT NULL,
          meta BLOB,
          body BLOB NOT NULL);
        CREATE UNIQUE INDEX events_by_id ON events (topic, id);
        CREATE INDEX events_by_lane ON events (topic, lane);
        CREATE TABLE documents (
          revision INTEGER PRIMARY KEY AUTOINCREMENT,
          key TEXT NOT NULL UNIQUE,
          value BLOB NOT NULL);
        """;

    /// <summary>Makes the tables of a new database, in one transaction, and refuses one that a newer build has made.</summary>
    /// <exception cref="InvalidOperationException">The schema is newer than this build.</exception>
    public static void Ensure(Session session, string file)
    {
        session.Execute("BEGIN IMMEDIATE");
        var version = session.Scalar<long>("PRAGMA user_version") ?? 0;
        if (version > Version)
        {
            session.Execute("ROLLBACK");
            throw new InvalidOperationException(
                $"The database '{file}' has schema version {version}; this build knows versions up to {Version}. "
                + "Use the newer build that wrote it, or another folder.");
        }

        if (version == 0)
        {
            session.ExecuteScript(Tables);
            session.Execute("INSERT INTO settings (name, value) VALUES ('epoch', $1)", NewEpoch());
            session.ExecuteScript(string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {Version}"));
        }

        session.Execute("COMMIT");
    }

    public static ulong ReadEpoch(Session session) =>
        (ulong)(session.Scalar<long>("SELECT value FROM settings WHERE name = 'epoch'")
            ?? throw new InvalidOperationException("The database has no epoch: it is damaged, or not one of RealtimeHub."));

    /// <summary>The highest sequence ever given; stays when the newest events are purged.</summary>
    public static long ReadLastSequence(Session session) =>
        session.Scalar<long>("SELECT seq FROM sqlite_sequence WHERE name = 'events'") ?? 0;

    /// <summary>Below this sequence the stream lane was purged; nothing is ever added there.</summary>
    public static long ReadPurgedBefore(Session session) =>
        session.Scalar<long>("SELECT value FROM settings WHERE name = 'purged_before'") ?? 1;

    public static void WritePurgedBefore(Session session, long sequence) =>
        session.Execute("REPLACE INTO settings (name, value) VALUES ('purged_before', $1)", sequence);

    private static long NewEpoch()
    {
        Span<byte> bytes = stackalloc byte[8];
        long epoch;
        do
        {
            RandomNumberGenerator.Fill(bytes[2..]);
            bytes[..2].Clear();
            epoch = BinaryPrimitives.ReadInt64BigEndian(bytes);
        }
        while (epoch == 0);
        return epoch;
    }
}
