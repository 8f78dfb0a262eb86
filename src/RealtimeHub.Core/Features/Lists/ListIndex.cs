using System.Text.Json;
using RealtimeHub.Core.Documents;
using RealtimeHub.Core.Projection;

namespace RealtimeHub.Core.Features.Lists;

/// <summary>One list in memory, kept current by a watch.</summary>
internal sealed class ListIndex : IAsyncDisposable
{
    private readonly IDocumentWatch watch;
    private readonly Lock gate = new();
    private readonly ListSnapshot.Builder builder = new();
    private readonly CancellationTokenSource ended = new();
    private ListSnapshot current;

    private ListIndex(IDocumentWatch watch) => (this.watch, current) = (watch, builder.ToSnapshot());

    /// <summary>Completes when the watch broke or was ended: then the index is current no more.</summary>
    public Task Following { get; private set; } = Task.CompletedTask;

    /// <summary>How many entries it holds.</summary>
    public int Count => Volatile.Read(ref current).Count;

    /// <summary>Reads everything below a prefix, and goes on from there.</summary>
    public static async Task<ListIndex> LoadAsync(IDocumentStore documents, string prefix, CancellationToken cancellationToken)
    {
        var index = new ListIndex(await documents.WatchAsync(prefix, cancellationToken));
        try
        {
            while (!index.ReadUntilReady())
            {
                await index.watch.WaitAsync(cancellationToken);
            }
        }
        catch
        {
            await index.DisposeAsync();
            throw;
        }

        index.Following = index.FollowAsync();
        return index;
    }

    /// <summary>The list with everything that the watch has.</summary>
    public ListSnapshot Read()
    {
        lock (gate)
        {
            var changed = false;
            while (watch.TryRead(out var change))
            {
                Apply(change);
                changed = true;
            }

            if (changed)
            {
                Volatile.Write(ref current, builder.ToSnapshot());
            }

            return current;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await ended.CancelAsync();
        await Following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await watch.DisposeAsync();
    }

    private bool ReadUntilReady()
    {
        while (watch.TryRead(out var change))
        {
            if (change.IsReady)
            {
                current = builder.ToSnapshot();
                return true;
            }

            Apply(change);
        }

        return false;
    }

    // Nobody may ask for long: what is buffered in the watch must not grow meanwhile.
    private async Task FollowAsync()
    {
        while (true)
        {
            await watch.WaitAsync(ended.Token);
            Read();
        }
    }

    private void Apply(DocumentChange change) =>
        builder.Set(change.Key, change.Value is { } value ? JsonSerializer.Deserialize(value.Span, ProjectionJsonContext.Default.ListEntry) : null);
}
