using RealtimeHub.Contracts;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Nats.Log;

/// <summary>Reads ranges of a topic, in both directions, from one lane or from both.</summary>
internal sealed class RangeReader(NatsBackbone backbone, LeaderReads leader, LaneReader lanes, RollbackGuard guard)
{
    // A lane is read forward only. Going back, the range is read in windows that grow until they hold what was asked for. No window is read
    // beyond what the page has room for: one that holds more is read again, as long as what was read of it was.
    private const long FirstWindow = 256;

    public async ValueTask<EventPage> ReadAsync(TopicKey topic, LogRange range, CancellationToken cancellationToken)
    {
        var through = range.Before == long.MaxValue ? long.MaxValue : range.Before - 1;
        if (range.Lanes == LaneFilter.Both || range.Descending)
        {
            // Both lanes end at the same place, which everything acknowledged is before: else one could show what comes after a hole in the other.
            through = Math.Min(through, await guard.GetEndAsync(through, cancellationToken));
        }
        else if (through < long.MaxValue && backbone.HasReplicas)
        {
            await guard.GetEndAsync(through, cancellationToken); // a new leader may not have it yet
        }

        return range.Descending
            ? await ReadBackAsync(topic, range, through, cancellationToken)
            : await ReadForwardAsync(topic, range, through, cancellationToken);
    }

    private async ValueTask<EventPage> ReadForwardAsync(TopicKey topic, LogRange range, long through, CancellationToken cancellationToken)
    {
        var (events, readThrough) = await ReadLanesAsync(topic, range.Lanes, range.After, through, range.Limit, range.MaxBytes, cancellationToken);
        return Page(events, range, isWhole: readThrough >= through);
    }

    private async ValueTask<EventPage> ReadBackAsync(TopicKey topic, LogRange range, long through, CancellationToken cancellationToken)
    {
        var found = new List<StoredEvent>(); // newest first
        var bytes = 0L;
        var end = await LastAsync(topic, range.Lanes, through, cancellationToken);
        for (var window = FirstWindow; end > range.After;)
        {
            // One more than there is room for shows that there are more; a window of one sequence is always whole.
            var begin = Math.Max(range.After, end - window);
            var (events, readThrough) = await ReadLanesAsync(
                topic, range.Lanes, begin, end, range.Limit - found.Count + 1, Math.Max(1, range.MaxBytes - bytes), cancellationToken);
            if (readThrough < end)
            {
                window = Math.Max(1, Math.Min((end - begin) / 2, readThrough - begin));
                continue;
            }

            found.AddRange(Enumerable.Reverse(events));
            bytes += events.Sum(e => (long)e.Body.Length);
            if (found.Count >= range.Limit || bytes > range.MaxBytes)
            {
                return Page(found, range, isWhole: false);
            }

            (end, window) = (begin, window * 8);
        }

        return Page(found, range, isWhole: true);
    }

    /// <summary>Where the last event at or below a sequence may be: the lanes' last, if they are below it.</summary>
    private async ValueTask<long> LastAsync(TopicKey topic, LaneFilter filter, long through, CancellationToken cancellationToken)
    {
        var last = 0L;
        foreach (var lane in LanesOf(filter))
        {
            var message = await leader.LastAsync(backbone.Subjects.Of(topic, lane), cancellationToken);
            // That there is none of the state lane is not taken for true, because nats-server 2.9 forgets it (Appender); a topic without one is rare.
            var end = message is not null ? (long)message.Seq : lane == Lane.State ? long.MaxValue : 0;
            last = Math.Max(last, Math.Min(through, end));
        }

        return last;
    }

    private async ValueTask<(List<StoredEvent> Events, long ReadThrough)> ReadLanesAsync(
        TopicKey topic, LaneFilter filter, long after, long through, int limit, long maxBytes, CancellationToken cancellationToken)
    {
        var parts = await Task.WhenAll(LanesOf(filter).Select(
            lane => lanes.ReadAsync(topic, lane, after, through, limit, maxBytes, cancellationToken).AsTask()));
        var readThrough = parts.Min(p => p.ReadThrough);
        return ([.. parts.SelectMany(p => p.Events).Where(e => e.Sequence <= readThrough).OrderBy(e => e.Sequence)], readThrough);
    }

    private static Lane[] LanesOf(LaneFilter filter) => filter == LaneFilter.State ? [Lane.State] : [Lane.State, Lane.Stream];

    private static EventPage Page(List<StoredEvent> events, LogRange range, bool isWhole)
    {
        var (count, bytes) = (0, 0L);
        while (count < events.Count && count < range.Limit && (count == 0 || bytes + events[count].Body.Length <= range.MaxBytes))
        {
            bytes += events[count++].Body.Length;
        }

        return new EventPage(events[..count], hasMore: !isWhole || count < events.Count || count == range.Limit);
    }
}
