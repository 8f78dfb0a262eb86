using RealtimeHub.Sqlite.Database;

namespace RealtimeHub.Sqlite.Log;

/// <summary>Removes old deltas while appends go on.</summary>
/// <remarks>
/// It goes up the table by its key and remembers how far it came, so each event is looked at once in its life, and deltas pay for no
/// index of their own. Looking is a reader's work. What was found goes topic by topic: the indexes are ordered by topic, so deltas of one
/// topic share their pages, where those that were stored one after the other seldom do. Measured with 1,000 topics, this writes a third of
/// the bytes. It goes in small steps, which share their transactions, and the sync of the disk, with the appends that gather meanwhile.
/// </remarks>
internal sealed class StreamLanePurge(SqliteDatabase database, PurgeWindow window)
{
    internal const string Window = "SELECT seq, topic FROM events WHERE seq >= $1 AND seq < $2 AND lane = 1 ORDER BY seq LIMIT $3";

    // Small, because appends share the transaction of a step. Measured alone: steps of 200 removed no faster than these.
    private const int StepDeltas = 50;

    /// <summary>Removes every delta below a sequence, which is at most one above the head.</summary>
    public async ValueTask<long> RunAsync(long before, CancellationToken cancellationToken)
    {
        var removed = 0L;
        while (true)
        {
            var (sequences, reached) = await database.Readers.ReadAsync(Find, before, cancellationToken);
            if (reached is null)
            {
                return removed;
            }

            for (var done = 0; done < sequences.Length || done == 0; done += StepDeltas)
            {
                var left = sequences.Length - done;
                var step = new PurgeOperation(sequences.AsMemory(done, Math.Min(left, StepDeltas)), left <= StepDeltas ? reached : null);
                removed += await database.Writer.WriteAsync(step, cancellationToken);
            }
        }
    }

    /// <summary>The next deltas to remove, in the order to do it, and below which sequence there are none when they are gone; null: nothing is left to do.</summary>
    private (long[] Sequences, long? Reached) Find(Session session, long before)
    {
        var from = Schema.ReadPurgedBefore(session);
        if (from >= before)
        {
            return ([], null);
        }

        var end = Math.Min(before, from + window.Sequences);
        var found = new List<(long Topic, long Sequence)>();
        using (var rows = session.Statement(Window, from, end, window.Deltas).ExecuteReader())
        {
            while (rows.Read())
            {
                found.Add((rows.GetInt64(1), rows.GetInt64(0)));
            }
        }

        var reached = found.Count < window.Deltas ? end : found[^1].Sequence + 1;
        found.Sort();
        return ([.. found.Select(f => f.Sequence)], reached);
    }
}

/// <summary>What a purge looks for at a time.</summary>
/// <param name="Deltas">At most so many are found: many of each topic, in about a megabyte of memory.</param>
/// <param name="Sequences">At most so many are looked through: where there are few deltas, a reader is not to be busy for long either.</param>
internal sealed record PurgeWindow(int Deltas = 64_000, int Sequences = 256 * 1024);
