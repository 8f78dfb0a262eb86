using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Telemetry;

namespace RealtimeHub.Sqlite.Database;

/// <summary>The one thread that writes: everything that has gathered goes into one transaction, and is acknowledged after its commit.</summary>
/// <remarks>
/// A commit costs a sync of the disk, whatever is in it, so under load the batches grow by themselves and nothing waits on a timer.
/// It is a thread of its own because it spends its time waiting for the disk, which must not take threads from those who serve requests.
/// </remarks>
internal sealed class Writer
{
    private const int MostOperations = 1_024;

    // Larger batches would not make a sync cheaper, only later.
    private const int MostBytes = 4 * 1024 * 1024;

    private readonly Func<WriteContext> reopen;
    private readonly CommitSignal commits;
    private readonly ILogger logger;
    private readonly Channel<WriteOperation> queue;
    private readonly Thread thread;
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private WriteContext? context;
    private long commitCount;
    private int failures;

    /// <summary>Starts writing with <paramref name="context"/>; should that have to be dropped, with what <paramref name="reopen"/> makes.</summary>
    public Writer(WriteContext context, Func<WriteContext> reopen, CommitSignal commits, ILogger logger)
    {
        (this.context, this.reopen, this.commits, this.logger) = (context, reopen, commits, logger);

        // Synchronous continuations: adding to an empty queue wakes the writer's thread directly, not by way of the thread pool.
        queue = Channel.CreateBounded<WriteOperation>(new BoundedChannelOptions(4 * MostOperations)
        {
            SingleReader = true,
            AllowSynchronousContinuations = true,
        });
        thread = new Thread(Run) { IsBackground = true, Name = "SQLite writer" };
        thread.Start();
    }

    /// <summary>How many transactions have been committed.</summary>
    public long Commits => Volatile.Read(ref commitCount);

    /// <summary>For tests: lets the database grow to this many pages and no further, as a full disk would; 0: as far as it likes.</summary>
    public int MostPages { get; set; }

    /// <summary>Queues an operation, waiting while the queue is full, and waits until it is on the disk.</summary>
    /// <exception cref="LogUnavailableException">Nothing was written.</exception>
    public async ValueTask<TResult> WriteAsync<TResult>(WriteOperation<TResult> operation, CancellationToken cancellationToken)
    {
        try
        {
            await queue.Writer.WriteAsync(operation, cancellationToken);
        }
        catch (ChannelClosedException e)
        {
            throw new LogUnavailableException("The log is closed.", e);
        }

        return await operation.WaitAsync(cancellationToken);
    }

    /// <summary>Takes nothing more, and completes when everything that was queued is written and the connection is closed.</summary>
    public Task CloseAsync()
    {
        queue.Writer.TryComplete();
        return ended.Task;
    }

    private void Run()
    {
        var batch = new List<WriteOperation>();
        while (WaitToRead())
        {
            var bytes = 0;
            while (batch.Count < MostOperations && bytes < MostBytes && queue.Reader.TryRead(out var operation))
            {
                batch.Add(operation);
                bytes += operation.Size;
            }

            Write(batch);
            batch.Clear();
        }

        context?.Dispose();
        ended.SetResult();
    }

    private bool WaitToRead()
    {
        var wait = queue.Reader.WaitToReadAsync();
#pragma warning disable RS0030 // this is the writer's own thread: waiting here blocks nobody else
        return wait.IsCompleted ? wait.GetAwaiter().GetResult() : wait.AsTask().GetAwaiter().GetResult();
#pragma warning restore RS0030
    }

    private void Write(List<WriteOperation> batch)
    {
        try
        {
            Commit(batch);
        }
        catch (Exception e)
        {
            Undo();
            if (SqliteErrors.Trouble(e) is null && batch.Count > 1)
            {
                // One of them is to blame. Alone, each succeeds or fails by itself.
                foreach (var operation in batch)
                {
                    Write([operation]);
                }

                return;
            }

            Fail(batch, e);
            return;
        }

        Acknowledge(batch);
    }

    private void Commit(List<WriteOperation> batch)
    {
        context ??= reopen();
        context.Session.LimitPages(MostPages);
        context.Begin();
        foreach (var operation in batch)
        {
            if (operation.TryBegin())
            {
                operation.Execute(context);
            }
        }

        context.Commit();
    }

    private void Acknowledge(List<WriteOperation> batch)
    {
        Interlocked.Increment(ref commitCount);
        Metrics.CommitSize.Record(batch.Count);
        if (failures > 0)
        {
            SqliteLog.WritingAgain(logger, failures);
            failures = 0;
        }

        // First the head, then the answers: whoever has an answer finds its event below the head.
        commits.Advance(context!.LastSequence);
        foreach (var operation in batch)
        {
            operation.Acknowledge();
        }
    }

    private void Fail(List<WriteOperation> batch, Exception e)
    {
        // Trouble is logged when it begins and when it ends, not for every write that it meets; mistakes always.
        var trouble = SqliteErrors.Trouble(e);
        if (trouble is null || failures++ == 0)
        {
            SqliteLog.WritesFailed(logger, e, batch.Count, trouble ?? e.Message);
        }

        var exception = trouble is null ? e : new LogUnavailableException(trouble, e);
        foreach (var operation in batch)
        {
            operation.Fail(exception);
        }
    }

    private void Undo()
    {
        try
        {
            context?.Rollback();
        }
        catch (Exception)
        {
            // What cannot even be undone is dropped with its connection; SQLite recovers when the next one opens.
            context?.Dispose();
            context = null;
        }
    }
}
