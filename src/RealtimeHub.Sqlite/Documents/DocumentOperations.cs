using RealtimeHub.Sqlite.Database;

namespace RealtimeHub.Sqlite.Documents;

/// <summary>Writes a document if its revision is the expected one.</summary>
internal sealed class PutOperation(string key, byte[] value, long? expectedRevision) : WriteOperation<long?>
{
    public override int Size => value.Length;

    protected override long? Write(WriteContext context) =>
        DocumentRows.Fits(context.Session, key, expectedRevision)
            ? context.Session.Scalar<long>("REPLACE INTO documents (key, value) VALUES ($1, $2) RETURNING revision", key, value)
            : null;
}

/// <summary>Removes a document if its revision is the expected one.</summary>
internal sealed class DeleteOperation(string key, long? expectedRevision) : WriteOperation<bool>
{
    public override int Size => 0;

    protected override bool Write(WriteContext context) =>
        DocumentRows.Fits(context.Session, key, expectedRevision)
        && context.Session.Execute("DELETE FROM documents WHERE key = $1", key) > 0;
}

internal static class DocumentRows
{
    public static bool Fits(Session session, string key, long? expectedRevision) =>
        expectedRevision is not { } expected
        || (session.Scalar<long>("SELECT revision FROM documents WHERE key = $1", key) ?? 0) == expected;
}
