using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Documents;

/// <summary>A watch in the store's own process: a listing, and what was committed since it was begun.</summary>
internal sealed class BufferedWatch : IDocumentWatch
{
    private readonly string prefix;
    private readonly Action<BufferedWatch> closed;
    private readonly Channel<DocumentChange> changes;
    private readonly CancellationTokenSource ended = new();
    private readonly IAsyncEnumerator<Document> listing;

    // Revisions of what was listed: a change that the listing has seen already would take its key back.
    private Dictionary<string, long>? listed = new(StringComparer.Ordinal);
    private long highestListed;
    private DocumentChange? next;
    private bool isReady;

    public BufferedWatch(
        string prefix, int mostUnread, Func<string, CancellationToken, IAsyncEnumerable<Document>> list, Action<BufferedWatch> closed)
    {
        (this.prefix, this.closed) = (prefix, closed);
        changes = Channel.CreateBounded<DocumentChange>(new BoundedChannelOptions(mostUnread) { SingleReader = true });
        listing = list(prefix, ended.Token).GetAsyncEnumerator(ended.Token);
    }

    /// <summary>Buffers a change that was committed.</summary>
    public void Offer(DocumentChange change)
    {
        if (change.Key.StartsWith(prefix, StringComparison.Ordinal) && !changes.Writer.TryWrite(change))
        {
            Break("The watch was read too slowly.");
        }
    }

    /// <summary>Ends the watch for its reader, after what is buffered.</summary>
    public void Break(string reason) => changes.Writer.TryComplete(new LogUnavailableException(reason));

    public async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        if (next is not null)
        {
            return;
        }

        if (!isReady)
        {
            cancellationToken.ThrowIfCancellationRequested();
            isReady = !await listing.MoveNextAsync();
            next = isReady ? DocumentChange.Ready : Listed(listing.Current);
        }
        else if (!await changes.Reader.WaitToReadAsync(cancellationToken))
        {
            throw new LogUnavailableException("The watch has ended.");
        }
    }

    public bool TryRead([NotNullWhen(true)] out DocumentChange? change)
    {
        (change, next) = (next, null);
        while (change is null && isReady && changes.Reader.TryRead(out var read))
        {
            change = IsNews(read) ? read : null;
        }

        return change is not null;
    }

    public async ValueTask DisposeAsync()
    {
        closed(this);
        Break("The watch was ended.");
        await ended.CancelAsync();
        await listing.DisposeAsync();
        ended.Dispose();
    }

    private DocumentChange Listed(Document document)
    {
        listed![document.Key] = document.Revision;
        highestListed = Math.Max(highestListed, document.Revision);
        return new DocumentChange(document.Key, document.Value, document.Revision);
    }

    private bool IsNews(DocumentChange change)
    {
        if (listed is null)
        {
            return true;
        }

        if (change.Value is not null && change.Revision > highestListed)
        {
            listed = null; // what comes from here on was committed after the listing
            return true;
        }

        var seen = listed.GetValueOrDefault(change.Key);
        return change.Value is null ? change.Revision >= seen : change.Revision > seen;
    }
}
