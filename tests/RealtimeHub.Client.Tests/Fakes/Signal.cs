namespace RealtimeHub.Client.Tests.Fakes;

/// <summary>Waits until something holds, looking again whenever something may have changed.</summary>
internal sealed class Signal
{
    private readonly Lock gate = new();
    private TaskCompletionSource changed = New();

    public void Set()
    {
        TaskCompletionSource old;
        lock (gate)
        {
            old = changed;
            changed = New();
        }

        old.TrySetResult();
    }

    public async Task UntilAsync(Func<bool> holds)
    {
        while (true)
        {
            Task next;
            lock (gate)
            {
                next = changed.Task;
            }

            if (holds())
            {
                return;
            }

            await next.InTime();
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

internal static class Deadline
{
    // Far above what any step takes, even on a busy machine: it only turns a hang into a failure.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    public static Task InTime(this Task task) => task.WaitAsync(Limit, TestContext.Current.CancellationToken);

    public static Task<T> InTime<T>(this Task<T> task) => task.WaitAsync(Limit, TestContext.Current.CancellationToken);
}
