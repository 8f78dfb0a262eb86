using RealtimeHub.Core.Log;

namespace RealtimeHub.Sqlite.Database;

/// <summary>The last committed sequence, and waking whoever waits for the next.</summary>
internal sealed class CommitSignal(long lastSequence)
{
    private long committed = lastSequence;
    private volatile bool closed;
    private TaskCompletionSource next = NewSource();

    /// <summary>Sequence of the last committed event.</summary>
    public long LastSequence => Volatile.Read(ref committed);

    /// <summary>Called by the writer alone, after a commit.</summary>
    public void Advance(long sequence)
    {
        if (sequence > LastSequence)
        {
            Volatile.Write(ref committed, sequence);
            Interlocked.Exchange(ref next, NewSource()).SetResult();
        }
    }

    /// <summary>Ends every wait.</summary>
    public void Close()
    {
        closed = true;
        Interlocked.Exchange(ref next, NewSource()).SetResult();
    }

    /// <summary>The last committed sequence, as soon as it is above <paramref name="sequence"/>.</summary>
    /// <exception cref="LogUnavailableException">The log was closed.</exception>
    public async ValueTask<long> WaitBeyondAsync(long sequence, CancellationToken cancellationToken)
    {
        while (true)
        {
            // In this order: a commit between the two lines completes the wait that was taken.
            var wait = Volatile.Read(ref next).Task;
            var last = LastSequence;
            cancellationToken.ThrowIfCancellationRequested();
            if (closed)
            {
                throw new LogUnavailableException("The log is closed.");
            }

            if (last > sequence)
            {
                return last;
            }

            await wait.WaitAsync(cancellationToken);
        }
    }

    // Whoever waits continues on another thread: the writer has the next batch to write.
    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
