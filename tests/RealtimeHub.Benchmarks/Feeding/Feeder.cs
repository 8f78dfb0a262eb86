namespace RealtimeHub.Benchmarks.Feeding;

/// <summary>Publishes by an order; the same for every system.</summary>
internal static class Feeder
{
    /// <summary>Events at a lower rate are sent at their very moment; at a higher one a timer of a millisecond is good enough.</summary>
    private const int PreciseBelow = 500;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    /// <summary>How long a system may take nothing before the feeder gives up.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public static async Task<FeedResult> RunAsync(FeedOrder order, IFeedTarget target, Progress progress)
    {
        var topics = Enumerable.Range(0, order.Topics).Select(n => FeedOrder.TopicName(order.Prefix, n)).ToArray();
        var sent = 0L;
        try
        {
            if (order.Rate > 0)
            {
                await PaceAsync();
            }
            else
            {
                await SaturateAsync();
            }

            await target.FlushAsync().AsTask().WaitAsync(Patience, TimeProvider.System);
            return new FeedResult(sent, IsStuck: false);
        }
        catch (TimeoutException)
        {
            return new FeedResult(sent, IsStuck: true);
        }

        async Task SaturateAsync()
        {
            var started = TimeProvider.System.GetTimestamp();
            while (sent < order.Most && TimeProvider.System.GetElapsedTime(started).TotalSeconds < order.Seconds)
            {
                if (!await progress.ReachesAsync(sent + 1 - order.Window, Patience))
                {
                    throw new TimeoutException("The slowest client receives nothing.");
                }

                await PublishAsync(TimeProvider.System.GetTimestamp());
            }
        }

        async Task PaceAsync()
        {
            var started = TimeProvider.System.GetTimestamp();
            var planned = Math.Min(order.Most, (long)(order.Seconds * order.Rate));
            while (sent < planned)
            {
                var due = started + (sent * TimeProvider.System.TimestampFrequency / order.Rate);
                await UntilAsync(due, isPrecise: order.Rate < PreciseBelow);
                await PublishAsync(due);
            }
        }

        async ValueTask PublishAsync(long timestamp)
        {
            var taken = target.PublishAsync(topics[sent % topics.Length], timestamp);
            sent++;
            if (!taken.IsCompletedSuccessfully)
            {
                await taken.AsTask().WaitAsync(Patience, TimeProvider.System);
            }
        }
    }

    // A timer is late by up to a millisecond, so that the last of the wait is spent looking at the clock.
    private static async ValueTask UntilAsync(long due, bool isPrecise)
    {
        while (TimeProvider.System.GetTimestamp() is var now && now < due)
        {
            if (!isPrecise || TimeProvider.System.GetElapsedTime(now, due) > 2 * Tick)
            {
                await Poll.Pause(Tick);
            }
            else
            {
                Thread.SpinWait(20);
            }
        }
    }
}
