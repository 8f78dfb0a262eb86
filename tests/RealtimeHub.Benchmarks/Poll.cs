namespace RealtimeHub.Benchmarks;

/// <summary>Waits for what happens in another process, which can only be looked at.</summary>
internal static class Poll
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(2);

    /// <summary>Waits until it is so.</summary>
    /// <exception cref="TimeoutException">It was not so in time.</exception>
    public static async Task UntilAsync(Func<bool> predicate, TimeSpan timeout, string complaint)
    {
        if (!await TryUntilAsync(predicate, timeout))
        {
            throw new TimeoutException($"After {timeout.TotalSeconds:0} s {complaint}.");
        }
    }

    /// <summary>Waits until it is so; false when it was not in time.</summary>
    public static async Task<bool> TryUntilAsync(Func<bool> predicate, TimeSpan timeout)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!predicate())
        {
            if (TimeProvider.System.GetElapsedTime(started) > timeout)
            {
                return false;
            }

            await Pause(Period);
        }

        return true;
    }

    /// <summary>Lets time pass.</summary>
    public static Task Pause(TimeSpan length) => Task.Delay(length, TimeProvider.System, CancellationToken.None);
}
