using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using RealtimeHub.Core.Documents;

namespace RealtimeHub.Integration.Tests.Identity;

/// <summary>A document store that outlives servers, not the process.</summary>
internal sealed class MemoryDocuments : IDocumentStore
{
    private readonly ConcurrentDictionary<string, Document> documents = new(StringComparer.Ordinal);
    private long revision;

    public ValueTask<Document?> GetAsync(string key, CancellationToken cancellationToken) => new(documents.GetValueOrDefault(key));

    public ValueTask<long?> PutAsync(string key, ReadOnlyMemory<byte> value, long? expectedRevision, CancellationToken cancellationToken)
    {
        var next = new Document(key, value.ToArray(), Interlocked.Increment(ref revision));
        var written = expectedRevision switch
        {
            null => documents.AddOrUpdate(key, next, (_, _) => next) == next,
            0 => documents.TryAdd(key, next),
            _ => documents.TryGetValue(key, out var now) && now.Revision == expectedRevision && documents.TryUpdate(key, next, now),
        };
        return new(written ? next.Revision : null);
    }

    public ValueTask<bool> DeleteAsync(string key, long? expectedRevision, CancellationToken cancellationToken) =>
        new(documents.TryGetValue(key, out var now) && (expectedRevision is null || now.Revision == expectedRevision)
            && documents.TryRemove(KeyValuePair.Create(key, now)));

    /// <summary>Identity keeps no lists.</summary>
    public ValueTask<IDocumentWatch> WatchAsync(string prefix, CancellationToken cancellationToken) => throw new NotSupportedException();

    public async IAsyncEnumerable<Document> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        foreach (var document in documents.Values.Where(d => d.Key.StartsWith(prefix, StringComparison.Ordinal)).OrderBy(d => d.Key, StringComparer.Ordinal))
        {
            yield return document;
        }
    }
}
