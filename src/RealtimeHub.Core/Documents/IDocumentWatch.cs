using System.Diagnostics.CodeAnalysis;

namespace RealtimeHub.Core.Documents;

/// <summary>The documents below a prefix, and every change to them from then on. For one reader.</summary>
/// <remarks>
/// First everything that is there, then one change that is <see cref="DocumentChange.IsReady"/>, then each put and delete. No change is lost, and
/// those of one key come in order; between keys there is no order. What has not been read is buffered, but not without bound: a watch that
/// is not read for long breaks, and whoever holds it begins anew. Disposing it ends it.
/// </remarks>
public interface IDocumentWatch : IAsyncDisposable
{
    /// <summary>Returns when <see cref="TryRead"/> may have something. Not from two places at once.</summary>
    /// <exception cref="Log.LogUnavailableException">The watch broke: the store was closed, did not answer, or was read too slowly.</exception>
    ValueTask WaitAsync(CancellationToken cancellationToken);

    /// <summary>The next change, without waiting. Not while <see cref="WaitAsync"/> is running before the mark.</summary>
    /// <remarks>In an embedded store a change can be read before its writer is told that it was written; elsewhere it may come some milliseconds later.</remarks>
    bool TryRead([NotNullWhen(true)] out DocumentChange? change);
}

/// <summary>Something that happened to a document.</summary>
/// <param name="Key">Which; empty for the mark.</param>
/// <param name="Value">What it is now; null when it was deleted.</param>
/// <param name="Revision">Of a put: the document's. Of a delete: at least that of what was deleted.</param>
public sealed record DocumentChange(string Key, ReadOnlyMemory<byte>? Value, long Revision)
{
    /// <summary>Everything that was there when the watch began has been read.</summary>
    public static DocumentChange Ready { get; } = new("", Value: null, Revision: 0);

    /// <summary>Whether this is the mark and no change.</summary>
    public bool IsReady => Key.Length == 0;
}
