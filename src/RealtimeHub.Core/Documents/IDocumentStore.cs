namespace RealtimeHub.Core.Documents;

/// <summary>Small documents that are not events: projections, checkpoints, positions, keys.</summary>
/// <remarks>
/// Keys are segments of <c>[A-Za-z0-9_-]</c> joined by dots. A put that returned survives the death of the process.
/// Every member throws <see cref="Log.LogUnavailableException"/> when the store does not answer.
/// </remarks>
public interface IDocumentStore
{
    /// <summary>The document, or null.</summary>
    ValueTask<Document?> GetAsync(string key, CancellationToken cancellationToken);

    /// <summary>Writes a document, atomically.</summary>
    /// <param name="key">Which.</param>
    /// <param name="value">At most 1 MiB.</param>
    /// <param name="expectedRevision">When given: only if this is its revision now (0: only if it does not exist).</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The new revision, or null when the expected one was not found and nothing was written. Revisions grow.</returns>
    ValueTask<long?> PutAsync(string key, ReadOnlyMemory<byte> value, long? expectedRevision, CancellationToken cancellationToken);

    /// <summary>Removes a document; false when it was not there or its revision is not the expected one.</summary>
    ValueTask<bool> DeleteAsync(string key, long? expectedRevision, CancellationToken cancellationToken);

    /// <summary>Every document whose key begins with <paramref name="prefix"/>, by ordinal order of keys.</summary>
    IAsyncEnumerable<Document> ListAsync(string prefix, CancellationToken cancellationToken);

    /// <summary>The documents whose key begins with <paramref name="prefix"/>, and then what happens to them; see <see cref="IDocumentWatch"/>.</summary>
    /// <param name="prefix">As in <see cref="ListAsync"/>.</param>
    /// <param name="cancellationToken">Gives up beginning; a watch that was begun is ended by disposing it.</param>
    ValueTask<IDocumentWatch> WatchAsync(string prefix, CancellationToken cancellationToken);
}

/// <summary>A document and its revision.</summary>
public sealed record Document(string Key, ReadOnlyMemory<byte> Value, long Revision);
