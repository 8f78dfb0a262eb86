using RealtimeHub.Specification;

namespace RealtimeHub.Core.Tests.Node;

/// <summary>Something changed; look again.</summary>
internal sealed class Signal
{
    private TaskCompletionSource source = NewSource();

    public void Raise() => Interlocked.Exchange(ref source, NewSource()).TrySetResult();

    /// <summary>Returns once the condition holds; it is looked at after each change.</summary>
    public Task UntilAsync(Func<bool> condition) => UntilAsync(() => ValueTask.FromResult(condition()));

    /// <summary>Returns once the condition holds; it is looked at after each change.</summary>
    public async Task UntilAsync(Func<ValueTask<bool>> condition)
    {
        while (true)
        {
            // First the wait, then the look: a change between the two completes it.
            var change = Volatile.Read(ref source).Task;
            if (await condition())
            {
                return;
            }

            await Deadline.Within(change);
        }
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
