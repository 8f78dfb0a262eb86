using RealtimeHub.Core.Log;

namespace RealtimeHub.Specification.Log;

/// <summary>Follows a log, for tests: hands out the events one after the other.</summary>
public sealed class TailReader : IAsyncDisposable
{
    private readonly CancellationTokenSource stop;
    private readonly IAsyncEnumerator<IReadOnlyList<StoredEvent>> batches;
    private readonly Queue<StoredEvent> waiting = new();

    /// <summary>Starts after a sequence.</summary>
    public TailReader(IEventLog log, long after)
    {
        stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        batches = log.TailAsync(after, stop.Token).GetAsyncEnumerator(stop.Token);
    }

    /// <summary>Starts to wait for the next events; what comes is taken by <see cref="TakeAsync"/> after the returned task.</summary>
    /// <remarks>Lets a test make sure that the tail waits already when it appends.</remarks>
    public Task WaitAsync() => NextBatchAsync();

    /// <summary>The next events, as soon as they are there.</summary>
    public async Task<IReadOnlyList<StoredEvent>> TakeAsync(int count)
    {
        var taken = new List<StoredEvent>(count);
        while (taken.Count < count)
        {
            if (waiting.TryDequeue(out var e))
            {
                taken.Add(e);
            }
            else
            {
                await NextBatchAsync();
            }
        }

        return taken;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await batches.DisposeAsync();
        stop.Dispose();
    }

    private async Task NextBatchAsync()
    {
        (await Deadline.Within(batches.MoveNextAsync().AsTask())).Should().BeTrue("a tail never ends by itself");
        batches.Current.Should().NotBeEmpty("a batch is what has gathered");
        foreach (var e in batches.Current)
        {
            waiting.Enqueue(e);
        }
    }
}
