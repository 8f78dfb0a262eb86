namespace RealtimeHub.Sqlite.Database;

/// <summary>Something to write. It is executed inside a transaction and acknowledged after its commit.</summary>
internal abstract class WriteOperation
{
    /// <summary>About how many bytes it writes.</summary>
    public abstract int Size { get; }

    /// <summary>False when whoever asked has given up before it was begun: then it is left out.</summary>
    public abstract bool TryBegin();

    /// <summary>Checks and writes. May be executed again after a rollback.</summary>
    public abstract void Execute(WriteContext context);

    /// <summary>Tells whoever asked that it is on the disk.</summary>
    public abstract void Acknowledge();

    /// <summary>Tells whoever asked that nothing was written.</summary>
    public abstract void Fail(Exception exception);
}

/// <inheritdoc/>
internal abstract class WriteOperation<TResult> : WriteOperation
{
    private const int Queued = 0, Begun = 1, GivenUp = 2;

    private readonly TaskCompletionSource<TResult> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TResult result = default!;
    private int state;

    /// <summary>Completes with what was written, once it is on the disk.</summary>
    public async Task<TResult> WaitAsync(CancellationToken cancellationToken)
    {
        await using var registration = cancellationToken.UnsafeRegister(
            static (operation, token) => ((WriteOperation<TResult>)operation!).GiveUp(token), this);
        return await completion.Task;
    }

    public sealed override bool TryBegin() => Interlocked.CompareExchange(ref state, Begun, Queued) != GivenUp;

    public sealed override void Execute(WriteContext context) => result = Write(context);

    public sealed override void Acknowledge()
    {
        if (Volatile.Read(ref state) == Begun)
        {
            Committed(result);
        }

        completion.TrySetResult(result);
    }

    public sealed override void Fail(Exception exception) => completion.TrySetException(exception);

    protected abstract TResult Write(WriteContext context);

    /// <summary>Called by the writer after the commit, before whoever asked is told, in the order of the writes.</summary>
    protected virtual void Committed(TResult result)
    {
    }

    private void GiveUp(CancellationToken token)
    {
        Interlocked.CompareExchange(ref state, GivenUp, Queued);
        completion.TrySetCanceled(token);
    }
}
