using RealtimeHub.Core.Documents;

namespace RealtimeHub.Core.Features.Lists;

/// <summary>How many lists a node keeps in memory, and for how long.</summary>
internal sealed class ListIndexesOptions
{
    /// <summary>A list that nobody asked for so long is dropped.</summary>
    public TimeSpan Idle { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Lists that are kept at a time.</summary>
    public int MostLists { get; set; } = 256;

    /// <summary>Entries of all lists together, about 1 KB each; the list that was asked for last is kept, however many it has.</summary>
    public int MostEntries { get; set; } = 500_000;
}

/// <summary>The lists that were asked for lately, sorted in memory. A list is read once and then follows its documents.</summary>
/// <remarks>
/// A list lags behind the projector by what its watch takes: nothing in the embedded store, some milliseconds elsewhere. The projector itself
/// writes entries up to 100 ms after their events, so who has just written something may not see it in a list yet.
/// </remarks>
internal sealed class ListIndexes(IDocumentStore documents, ListIndexesOptions options, TimeProvider time) : IAsyncDisposable, IDisposable
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, Kept> kept = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource stopped = new();
    private ITimer? sweep;
    private bool isDisposed;

    /// <summary>Lists in memory.</summary>
    public int Count
    {
        get
        {
            lock (gate)
            {
                return kept.Count;
            }
        }
    }

    /// <summary>A list as it is now. The first who ask wait until it is read; they share that.</summary>
    /// <param name="prefix">Of the list's documents.</param>
    /// <param name="cancellationToken">Gives up waiting; the list is read nonetheless.</param>
    /// <exception cref="Log.LogUnavailableException">The store did not answer.</exception>
    public async ValueTask<ListSnapshot> ReadAsync(string prefix, CancellationToken cancellationToken)
    {
        var list = Take(prefix);
        try
        {
            var index = await list.Loading.WaitAsync(cancellationToken);
            var entries = index.Read();
            Trim(list);
            return entries;
        }
        catch when (list.Loading.IsFaulted)
        {
            Drop(l => l == list);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        List<Kept> all;
        lock (gate)
        {
            if (isDisposed)
            {
                return;
            }

            isDisposed = true;
            all = [.. kept.Values];
            kept.Clear();
        }

        if (sweep is not null)
        {
            await sweep.DisposeAsync();
        }

        await stopped.CancelAsync();
        await Task.WhenAll(all.Select(EndAsync));
        stopped.Dispose();
    }

#pragma warning disable RS0030 // a container that is disposed synchronously leaves no other way
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();
#pragma warning restore RS0030

    private static async Task EndAsync(Kept list)
    {
        await ((Task)list.Loading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (list.Loading.IsCompletedSuccessfully)
        {
            await (await list.Loading).DisposeAsync();
        }
    }

    private Kept Take(string prefix)
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(isDisposed, this);
            sweep ??= time.CreateTimer(_ => Drop(l => time.GetElapsedTime(l.AskedFor) >= options.Idle), state: null, options.Idle / 5, options.Idle / 5);

            // One that broke is read again; who is waiting for it hears of it, too.
            if (!kept.TryGetValue(prefix, out var list) || list.IsBroken)
            {
                kept[prefix] = list = new Kept(ListIndex.LoadAsync(documents, prefix, stopped.Token));
            }

            list.AskedFor = time.GetTimestamp();
            return list;
        }
    }

    private void Trim(Kept asked)
    {
        lock (gate)
        {
            var entries = 0L;
            var keep = kept.Values.OrderByDescending(l => l == asked).ThenByDescending(l => l.AskedFor)
                .TakeWhile((l, i) => i == 0 || (i < options.MostLists && (entries += l.Entries) + asked.Entries <= options.MostEntries)).ToHashSet();
            if (keep.Count == kept.Count)
            {
                return;
            }

            Drop(l => !keep.Contains(l));
        }
    }

    private void Drop(Func<Kept, bool> which)
    {
        lock (gate)
        {
            foreach (var (prefix, list) in kept.Where(k => which(k.Value)).ToList())
            {
                kept.Remove(prefix);
                _ = EndAsync(list); // it says nothing to anybody, and throws nothing
            }
        }
    }

    private sealed class Kept(Task<ListIndex> loading)
    {
        public Task<ListIndex> Loading { get; } = loading;

        public long AskedFor { get; set; }

        public int Entries => Loading.IsCompletedSuccessfully ? Index.Count : 0;

        public bool IsBroken => Loading.IsCompleted && (!Loading.IsCompletedSuccessfully || Index.Following.IsCompleted);

#pragma warning disable RS0030 // it has completed
        private ListIndex Index => Loading.GetAwaiter().GetResult();
#pragma warning restore RS0030
    }
}
