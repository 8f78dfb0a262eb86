using System.Runtime.CompilerServices;
using RealtimeHub.Core.Documents;

namespace RealtimeHub.Specification.InMemory;

/// <summary>Documents in memory: the plainest thing that passes <see cref="Documents.DocumentStoreSpecification"/>.</summary>
public sealed class InMemoryDocumentStore : IDocumentStore
{
    private readonly Lock gate = new();
    private readonly SortedDictionary<string, Document> documents = new(StringComparer.Ordinal);
    private readonly DocumentWatches watches = new();
    private long lastRevision;

    /// <summary>What goes wrong next.</summary>
    public Faults Faults { get; } = new();

    /// <inheritdoc/>
    public ValueTask<Document?> GetAsync(string key, CancellationToken cancellationToken)
    {
        DocumentArguments.CheckKey(key);
        cancellationToken.ThrowIfCancellationRequested();
        Faults.ThrowIfDown();
        lock (gate)
        {
            return ValueTask.FromResult(documents.GetValueOrDefault(key));
        }
    }

    /// <inheritdoc/>
    public async ValueTask<long?> PutAsync(
        string key, ReadOnlyMemory<byte> value, long? expectedRevision, CancellationToken cancellationToken)
    {
        DocumentArguments.CheckKey(key);
        DocumentArguments.CheckValue(value);
        cancellationToken.ThrowIfCancellationRequested();
        var copy = value.ToArray();
        await Task.Yield();
        lock (gate)
        {
            return Faults.Write<long?>(() =>
            {
                if (!Fits(key, expectedRevision))
                {
                    return null;
                }

                documents[key] = new Document(key, copy, ++lastRevision);
                watches.Publish(new DocumentChange(key, copy, lastRevision));
                return lastRevision;
            });
        }
    }

    /// <inheritdoc/>
    public async ValueTask<bool> DeleteAsync(string key, long? expectedRevision, CancellationToken cancellationToken)
    {
        DocumentArguments.CheckKey(key);
        cancellationToken.ThrowIfCancellationRequested();
        await Task.Yield();
        lock (gate)
        {
            return Faults.Write(() =>
            {
                if (!Fits(key, expectedRevision) || !documents.Remove(key, out var removed))
                {
                    return false;
                }

                watches.Publish(new DocumentChange(key, Value: null, removed.Revision));
                return true;
            });
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<Document> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        DocumentArguments.CheckPrefix(prefix);
        await Task.Yield();
        cancellationToken.ThrowIfCancellationRequested();
        Faults.ThrowIfDown();
        Document[] listed;
        lock (gate)
        {
            listed = [.. documents.Values.Where(d => d.Key.StartsWith(prefix, StringComparison.Ordinal))];
        }

        foreach (var document in listed)
        {
            yield return document;
        }
    }

    /// <inheritdoc/>
    public ValueTask<IDocumentWatch> WatchAsync(string prefix, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Faults.ThrowIfDown();
        return ValueTask.FromResult(watches.Open(prefix, ListAsync));
    }

    private bool Fits(string key, long? expectedRevision) =>
        expectedRevision is not { } expected || (documents.GetValueOrDefault(key)?.Revision ?? 0) == expected;
}
