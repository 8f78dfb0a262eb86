using System.Runtime.CompilerServices;
using RealtimeHub.Core.Documents;
using RealtimeHub.Sqlite.Database;

namespace RealtimeHub.Sqlite.Documents;

/// <summary>Documents in the same database as the log; written by the same thread, in the same commits.</summary>
internal sealed class SqliteDocumentStore(SqliteDatabase database) : IDocumentStore
{
    // Listing holds no read transaction open between pages: a slow reader must not keep the write-ahead log from shrinking.
    private const int PageDocuments = 64;

    public ValueTask<Document?> GetAsync(string key, CancellationToken cancellationToken)
    {
        DocumentArguments.CheckKey(key);
        return database.Readers.ReadAsync(Read, key, cancellationToken);
    }

    public ValueTask<long?> PutAsync(string key, ReadOnlyMemory<byte> value, long? expectedRevision, CancellationToken cancellationToken)
    {
        DocumentArguments.CheckKey(key);
        DocumentArguments.CheckValue(value);
        return database.Writer.WriteAsync(new PutOperation(database.Watches, key, value.ToArray(), expectedRevision), cancellationToken);
    }

    public ValueTask<bool> DeleteAsync(string key, long? expectedRevision, CancellationToken cancellationToken)
    {
        DocumentArguments.CheckKey(key);
        return database.Writer.WriteAsync(new DeleteOperation(database.Watches, key, expectedRevision), cancellationToken);
    }

    public async IAsyncEnumerable<Document> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        DocumentArguments.CheckPrefix(prefix);
        string? after = null;
        List<Document> page;
        do
        {
            page = await database.Readers.ReadAsync(ReadPage, (prefix, after), cancellationToken);
            foreach (var document in page)
            {
                yield return document;
                after = document.Key;
            }
        }
        while (page.Count == PageDocuments);
    }

    public ValueTask<IDocumentWatch> WatchAsync(string prefix, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(database.Watches.Open(prefix, ListAsync));
    }

    private static Document? Read(Session session, string key)
    {
        using var row = session.Statement("SELECT value, revision FROM documents WHERE key = $1", key).ExecuteReader();
        return row.Read() ? new Document(key, row.GetFieldValue<byte[]>(0), row.GetInt64(1)) : null;
    }

    private static List<Document> ReadPage(Session session, (string Prefix, string? After) query)
    {
        // '~' is above every character of a key.
        using var rows = session.Statement(
            "SELECT key, value, revision FROM documents WHERE key >= $1 AND key < $2 AND key > $3 ORDER BY key LIMIT $4",
            query.Prefix, query.Prefix + "~", query.After ?? "", PageDocuments).ExecuteReader();
        var page = new List<Document>();
        while (rows.Read())
        {
            page.Add(new Document(rows.GetString(0), rows.GetFieldValue<byte[]>(1), rows.GetInt64(2)));
        }

        return page;
    }
}
