using System.Collections.Concurrent;
using System.Text.Json;
using RealtimeHub.Core.Documents;

namespace RealtimeHub.Core.Projection;

/// <summary>Writes entries of lists, and none over a later one: whoever held the lease before may be late with a write.</summary>
internal sealed class ListEntryStore(IDocumentStore documents)
{
    // Beyond that all are forgotten, and each is asked for once more.
    private const int MostRemembered = 50_000;

    // What was written last under each key, so that the next write need not ask.
    private readonly ConcurrentDictionary<string, long> revisions = new(StringComparer.Ordinal);

    /// <summary>Writes an entry, unless one that follows from a later event is there.</summary>
    /// <remarks>One that is too large for a document is left as it was: only a title from the backbone is so long.</remarks>
    public async Task PutAsync(string key, ListEntry entry, CancellationToken cancellationToken)
    {
        var value = JsonSerializer.SerializeToUtf8Bytes(entry, ProjectionJsonContext.Default.ListEntry);
        if (value.Length > DocumentArguments.MaxValueLength)
        {
            return;
        }

        var isWritten = revisions.TryGetValue(key, out var revision) && await TryPutAsync(key, value, revision, cancellationToken);
        while (!isWritten)
        {
            var there = await documents.GetAsync(key, cancellationToken);
            if (there is not null && SequenceOf(there) > entry.Sequence)
            {
                return;
            }

            isWritten = await TryPutAsync(key, value, there?.Revision ?? 0, cancellationToken);
        }
    }

    private static long SequenceOf(Document document) =>
        JsonSerializer.Deserialize(document.Value.Span, ProjectionJsonContext.Default.ListEntry)!.Sequence;

    private async Task<bool> TryPutAsync(string key, byte[] value, long expected, CancellationToken cancellationToken)
    {
        if (await documents.PutAsync(key, value, expected, cancellationToken) is not { } revision)
        {
            return false;
        }

        if (revisions.Count >= MostRemembered)
        {
            revisions.Clear();
        }

        revisions[key] = revision;
        return true;
    }
}
