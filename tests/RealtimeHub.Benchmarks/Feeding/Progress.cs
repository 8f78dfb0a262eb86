namespace RealtimeHub.Benchmarks.Feeding;

/// <summary>How far the slowest client has come, as the feeder hears of it.</summary>
internal sealed class Progress
{
    private readonly Lock gate = new();
    private TaskCompletionSource changed = New();
    private long value;

    public void Report(long count)
    {
        lock (gate)
        {
            if (count > value)
            {
                value = count;
                changed.SetResult();
                changed = New();
            }
        }
    }

    /// <summary>Waits until the slowest has that many; false when it has not in time.</summary>
    public async ValueTask<bool> ReachesAsync(long count, TimeSpan timeout)
    {
        while (true)
        {
            Task wait;
            lock (gate)
            {
                if (value >= count)
                {
                    return true;
                }

                wait = changed.Task;
            }

            try
            {
                await wait.WaitAsync(timeout, TimeProvider.System);
            }
            catch (TimeoutException)
            {
                return false;
            }
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
