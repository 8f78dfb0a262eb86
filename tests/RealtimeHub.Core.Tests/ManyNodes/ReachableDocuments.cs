using System.Runtime.CompilerServices;
using RealtimeHub.Core.Documents;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Tests.ManyNodes;

/// <summary>Documents that a node can be cut off from, also in the middle of a write.</summary>
internal sealed class ReachableDocuments(IDocumentStore inner) : IDocumentStore
{
    public bool IsReachable { get; set; } = true;

    /// <summary>Writes reach the store, and their answers do not come back.</summary>
    public bool LosesAnswers { get; set; }

    public ValueTask<Document?> GetAsync(string key, CancellationToken cancellationToken)
    {
        Check();
        return inner.GetAsync(key, cancellationToken);
    }

    public async ValueTask<long?> PutAsync(string key, ReadOnlyMemory<byte> value, long? expectedRevision, CancellationToken cancellationToken)
    {
        Check();
        var revision = await inner.PutAsync(key, value, expectedRevision, cancellationToken);
        return LosesAnswers ? throw Unavailable() : revision;
    }

    public ValueTask<bool> DeleteAsync(string key, long? expectedRevision, CancellationToken cancellationToken)
    {
        Check();
        return inner.DeleteAsync(key, expectedRevision, cancellationToken);
    }

    public async IAsyncEnumerable<Document> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Check();
        await foreach (var document in inner.ListAsync(prefix, cancellationToken))
        {
            yield return document;
        }
    }

    public ValueTask<IDocumentWatch> WatchAsync(string prefix, CancellationToken cancellationToken)
    {
        Check();
        return inner.WatchAsync(prefix, cancellationToken);
    }

    private static LogUnavailableException Unavailable() => new("Cut off.");

    private void Check()
    {
        if (!IsReachable)
        {
            throw Unavailable();
        }
    }
}
