namespace RealtimeHub.Client.Connection;

/// <summary>Exponential backoff with full jitter: uniform between zero and a bound that doubles.</summary>
/// <remarks>Full jitter spreads a thousand clients that lost one server evenly; a fixed part would bring them back in waves.</remarks>
internal sealed class Backoff(TimeSpan baseDelay, TimeSpan maxDelay, Func<double> jitter)
{
    // 2^30 times any sensible base is far above the cap; more would only overflow.
    private const int MaxDoublings = 30;

    public TimeSpan Delay(int attempt)
    {
        var bound = Math.Min(baseDelay.TotalMilliseconds * Math.Pow(2, Math.Min(attempt, MaxDoublings)), maxDelay.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(bound * jitter());
    }
}
