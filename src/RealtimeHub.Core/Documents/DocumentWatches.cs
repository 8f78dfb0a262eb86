using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Documents;

/// <summary>The watches of a store that lives in this process: it says what was committed, in the order of the commits.</summary>
/// <param name="mostUnread">Changes that one watch buffers before it breaks.</param>
public sealed class DocumentWatches(int mostUnread = DocumentWatches.MostUnread)
{
    private const int MostUnread = 100_000;

    private readonly Lock gate = new();
    private BufferedWatch[] open = [];
    private bool closed;

    /// <summary>Begins a watch; <paramref name="list"/> is read after it has been told of every later commit.</summary>
    public IDocumentWatch Open(string prefix, Func<string, CancellationToken, IAsyncEnumerable<Document>> list)
    {
        DocumentArguments.CheckPrefix(prefix);
        var watch = new BufferedWatch(prefix, mostUnread, list, Remove);
        lock (gate)
        {
            if (closed)
            {
                throw new LogUnavailableException("The store is closed.");
            }

            open = [.. open, watch];
        }

        return watch;
    }

    /// <summary>Tells the watches. From one thread at a time, after the commit and before its writer is told.</summary>
    public void Publish(DocumentChange change)
    {
        foreach (var watch in Volatile.Read(ref open))
        {
            watch.Offer(change);
        }
    }

    /// <summary>Breaks every watch.</summary>
    public void Close()
    {
        BufferedWatch[] ended;
        lock (gate)
        {
            (closed, ended, open) = (true, open, []);
        }

        foreach (var watch in ended)
        {
            watch.Break("The store is closed.");
        }
    }

    private void Remove(BufferedWatch watch)
    {
        lock (gate)
        {
            open = [.. open.Where(w => w != watch)];
        }
    }
}
