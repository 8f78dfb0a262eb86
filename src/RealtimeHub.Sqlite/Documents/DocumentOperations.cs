using RealtimeHub.Core.Documents;
using RealtimeHub.Sqlite.Database;

namespace RealtimeHub.Sqlite.Documents;

/// <summary>Writes a document if its revision is the expected one.</summary>
internal sealed class PutOperation(DocumentWatches watches, string key, byte[] value, long? expectedRevision) : WriteOperation<long?>
{
    public override int Size => value.Length;

    protected override long? Write(WriteContext context) =>
        DocumentRows.Fits(context.Session, key, expectedRevision)
            ? context.Session.Scalar<long>("REPLACE INTO documents (key, value) VALUES ($1, $2) RETURNING revision", key, value)
            : null;

    protected override void Committed(long? result)
    {
        if (result is { } revision)
        {
            watches.Publish(new DocumentChange(key, value, revision));
        }
    }
}

/// <summary>Removes a document if its revision is the expected one.</summary>
internal sealed class DeleteOperation(DocumentWatches watches, string key, long? expectedRevision) : WriteOperation<bool>
{
    private long deleted;

    public override int Size => 0;

    protected override bool Write(WriteContext context)
    {
        deleted = DocumentRows.Fits(context.Session, key, expectedRevision)
            ? context.Session.Scalar<long>("DELETE FROM documents WHERE key = $1 RETURNING revision", key) ?? 0
            : 0;
        return deleted > 0;
    }

    protected override void Committed(bool result)
    {
        if (result)
        {
            watches.Publish(new DocumentChange(key, Value: null, deleted));
        }
    }
}

internal static class DocumentRows
{
    public static bool Fits(Session session, string key, long? expectedRevision) =>
        expectedRevision is not { } expected
        || (session.Scalar<long>("SELECT revision FROM documents WHERE key = $1", key) ?? 0) == expected;
}
