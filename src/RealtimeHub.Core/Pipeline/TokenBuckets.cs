using System.Collections.Concurrent;

namespace RealtimeHub.Core.Pipeline;

/// <summary>A token bucket for each holder, as the generic cell rate algorithm has it (ITU-T I.371): one time a holder, and no timer.</summary>
/// <remarks>
/// Exact: whoever waits as long as it was told is not refused, unless somebody else took from the same share meanwhile. The limiters of
/// the framework fill their buckets ten times a second, by a clock that tests cannot set. Thread-safe, without locks.
/// </remarks>
internal sealed class TokenBuckets<THolder>(int perSecond, int burst, TimeProvider time)
    where THolder : notnull
{
    private const int SweepAt = 10_000;

    // The time at which a holder's bucket is full again; in the past for one that is full.
    private readonly ConcurrentDictionary<THolder, long> fullAt = [];
    private readonly double ticksPerToken = (double)time.TimestampFrequency / perSecond;
    private long sweepAt = SweepAt;

    /// <summary>How many holders are remembered.</summary>
    public int Count => fullAt.Count;

    /// <summary>Takes so many tokens, or none; then the answer is how long it takes until they are there.</summary>
    /// <remarks>What is more than a whole bucket takes a whole bucket: it could never be had otherwise.</remarks>
    public TimeSpan? TryTake(THolder holder, int tokens)
    {
        var now = time.GetTimestamp();
        var taken = (long)(Math.Clamp(tokens, 1, burst) * ticksPerToken);
        while (true)
        {
            var known = fullAt.TryGetValue(holder, out var full);
            var next = Math.Max(full, now) + taken;
            var excess = next - now - (long)(burst * ticksPerToken);
            if (excess > 0)
            {
                return TimeSpan.FromSeconds((double)excess / time.TimestampFrequency);
            }

            if (known ? fullAt.TryUpdate(holder, next, full) : fullAt.TryAdd(holder, next))
            {
                Sweep(now);
                return null;
            }
        }
    }

    // A full bucket is like one that nobody ever used. Each sweep is paid for by as many newcomers as it leaves.
    private void Sweep(long now)
    {
        if (fullAt.Count < Interlocked.Read(ref sweepAt))
        {
            return;
        }

        foreach (var (holder, full) in fullAt)
        {
            if (full <= now)
            {
                fullAt.TryRemove(KeyValuePair.Create(holder, full));
            }
        }

        Interlocked.Exchange(ref sweepAt, Math.Max(SweepAt, fullAt.Count * 2L));
    }
}
