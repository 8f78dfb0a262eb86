using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Sqlite.Database;

/// <summary>A few connections that read, beside the writer and each other.</summary>
/// <remarks>Reads are short, mostly from memory, and done where they are asked for; more connections than processors gain nothing.</remarks>
internal sealed class ReadPool(Func<Session> open) : IAsyncDisposable
{
    private static readonly int Size = Math.Max(4, Environment.ProcessorCount);

    private readonly SemaphoreSlim free = new(Size);
    private readonly ConcurrentBag<Session> idle = [];
    private volatile bool closed;

    /// <summary>Reads with one of the connections, waiting for one while all are in use.</summary>
    /// <exception cref="LogUnavailableException">The database cannot be read.</exception>
    public async ValueTask<TResult> ReadAsync<TArgument, TResult>(
        Func<Session, TArgument, TResult> read, TArgument argument, CancellationToken cancellationToken)
    {
        await free.WaitAsync(cancellationToken);
        try
        {
            if (closed)
            {
                throw new LogUnavailableException("The log is closed.");
            }

            return Read(read, argument);
        }
        catch (SqliteException e) when (SqliteErrors.Trouble(e) is { } trouble)
        {
            throw new LogUnavailableException(trouble, e);
        }
        finally
        {
            free.Release();
        }
    }

    /// <summary>Waits for the reads under way and closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        closed = true;
        for (var i = 0; i < Size; i++)
        {
            await free.WaitAsync();
        }

        while (idle.TryTake(out var session))
        {
            session.Dispose();
        }

        free.Release(Size);
    }

    private TResult Read<TArgument, TResult>(Func<Session, TArgument, TResult> read, TArgument argument)
    {
        var session = idle.TryTake(out var used) ? used : open();
        try
        {
            var result = read(session, argument);
            idle.Add(session);
            return result;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }
}
