using Microsoft.Extensions.Logging;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Delivery;

/// <summary>Reads history for subscriptions that catch up: a few at a time on the node, and one at a time for each connection.</summary>
internal sealed class LogPages(IEventLog log, DeliveryOptions options, ILogger<LogPages> logger) : IDisposable
{
    private readonly SemaphoreSlim node = new(options.LogReadsPerNode);

    /// <summary>How many pages were read since the start.</summary>
    public long Reads => Interlocked.Read(ref reads);

    private long reads;

    public void Dispose() => node.Dispose();

    /// <summary>Reads what follows the subscription's position, at most up to <paramref name="floor"/>, and tells its feed.</summary>
    /// <remarks>
    /// Below the start of the oldest open item every delta is of something complete, so the state lane alone is read there, in one literal
    /// read; from there on both lanes.
    /// </remarks>
    public async Task ReadAsync(Subscription subscription, long floor, long? oldestOpen)
    {
        var (after, mark) = (subscription.Position, subscription.Mark);
        LogPage? page = null;
        await subscription.Connection.Pages.WaitAsync(); // left when the page is written, or not wanted
        await node.WaitAsync();
        try
        {
            page = await ReadAsync(subscription.Feed.Key, after, mark, floor, oldestOpen ?? long.MaxValue);
        }
        catch (Exception e)
        {
            DeliveryLog.ReadFailed(logger, subscription.Feed.Key.ToString(), e);
            subscription.Connection.Pages.Release();
        }
        finally
        {
            node.Release();
        }

        subscription.Feed.Post(new FeedMessage.PageRead(subscription, page));
    }

    private async ValueTask<LogPage> ReadAsync(TopicKey topic, long after, StateMark mark, long floor, long oldestOpen)
    {
        var stateOnly = after + 1 < oldestOpen;
        var last = stateOnly ? Math.Min(floor, oldestOpen - 1) : floor;
        var range = new LogRange(
            options.PageEvents, After: after, Before: last + 1, Lanes: stateOnly ? LaneFilter.State : LaneFilter.Both, MaxBytes: options.PageBytes);
        var stored = await log.ReadAsync(topic, range, CancellationToken.None);
        Interlocked.Increment(ref reads);
        var events = new List<FeedEvent>(stored.Count);
        foreach (var e in stored)
        {
            mark = e.Lane == Contracts.Lane.State ? StateMark.Of(e) : mark;
            events.Add(new FeedEvent(e, mark));
        }

        // The last page is the end of the range, whatever its last event is: deltas may have been purged.
        return new LogPage(events, stored.HasMore ? stored[^1].Sequence : last);
    }
}
