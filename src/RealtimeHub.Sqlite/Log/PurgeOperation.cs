using RealtimeHub.Sqlite.Database;

namespace RealtimeHub.Sqlite.Log;

/// <summary>One step of a purge: removes a few deltas, and keeps how far the purge came when it was the last of its window.</summary>
internal sealed class PurgeOperation(ReadOnlyMemory<long> sequences, long? purgedBefore) : WriteOperation<int>
{
    internal const string Delete = "DELETE FROM events WHERE seq = $1 AND lane = 1";

    public override int Size => sequences.Length * 4096;

    protected override int Write(WriteContext context)
    {
        var removed = 0;
        foreach (var sequence in sequences.Span)
        {
            removed += context.Session.Execute(Delete, sequence);
        }

        if (purgedBefore is { } reached)
        {
            Schema.WritePurgedBefore(context.Session, reached);
        }

        return removed;
    }
}
