using RealtimeHub.Contracts;

namespace RealtimeHub.Core.Pipeline;

/// <summary>The rates of a node. Each node counts for itself: with several nodes a user has as much on each.</summary>
internal sealed class RateLimits(Limits limits, TimeProvider time)
{
    // Clients wait by timers of some milliseconds' precision, and who waits as long as it was told is not refused again.
    private static readonly TimeSpan EarlyTimer = TimeSpan.FromMilliseconds(10);

    private readonly TokenBuckets<(string Tenant, Subject Holder)>? commands = Buckets(limits.CommandsPerSecond, limits.CommandBurst, time);
    private readonly TokenBuckets<(string Tenant, Subject Holder)>? events = Buckets(limits.PublishedEventsPerSecond, limits.PublishBurst, time);
    private readonly TokenBuckets<(string Tenant, Subject Holder)>? reads = Buckets(limits.HistoryReadsPerSecond, limits.HistoryReadsPerSecond, time);

    /// <summary>Takes what a call needs; <c>rate_limited</c>, with the time to wait, when it is not there, and then nothing is taken.</summary>
    public Error? TryTake(Rate rate, string tenant, RateUse use)
    {
        var (buckets, allowed) = rate switch
        {
            Rate.Commands => (commands, $"{limits.CommandsPerSecond} commands"),
            Rate.PublishedEvents => (events, $"{limits.PublishedEventsPerSecond} events"),
            Rate.HistoryReads => (reads, $"{limits.HistoryReadsPerSecond} reads of history"),
            _ => (null, ""),
        };
        return buckets?.TryTake((tenant, use.Holder), use.Cost) is { } wait
            ? new Error(ErrorCode.RateLimited, $"At most {allowed} a second.") { RetryAfterMs = (int)Math.Ceiling((wait + EarlyTimer).TotalMilliseconds) }
            : null;
    }

    private static TokenBuckets<(string, Subject)>? Buckets(int perSecond, int burst, TimeProvider time) =>
        perSecond == int.MaxValue ? null : new(perSecond, burst, time);
}
