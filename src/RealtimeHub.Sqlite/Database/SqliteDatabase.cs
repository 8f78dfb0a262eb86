using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using RealtimeHub.Core.Documents;

namespace RealtimeHub.Sqlite.Database;

/// <summary>The database file: its lock, its one writer, its readers and its head.</summary>
internal sealed class SqliteDatabase : IAsyncDisposable, IDisposable
{
    public const string FileName = "realtimehub.db";

    private readonly FolderLock folderLock;
    private readonly string path;
    private readonly ILogger logger;
    private int disposed;

    private SqliteDatabase(FolderLock folderLock, string path, SqliteStorageOptions options, TimeProvider time, ILogger logger)
    {
        (this.folderLock, this.path, this.logger) = (folderLock, path, logger);
        var session = Session.OpenWriter(path, options.BusyTimeout);
        try
        {
            Schema.Ensure(session, path);
            Epoch = Schema.ReadEpoch(session);
            Commits = new CommitSignal(Schema.ReadLastSequence(session));
        }
        catch
        {
            session.Dispose();
            throw;
        }

        Writer = new Writer(
            new WriteContext(session, time), () => new WriteContext(Session.OpenWriter(path, options.BusyTimeout), time), Commits, logger);
        Readers = new ReadPool(() => Session.OpenReader(path, options.BusyTimeout));
        SqliteLog.Opened(logger, path, Epoch, Commits.LastSequence);
    }

    public ulong Epoch { get; }

    public CommitSignal Commits { get; }

    public DocumentWatches Watches { get; } = new();

    public Writer Writer { get; }

    public ReadPool Readers { get; }

    /// <summary>Opens or makes the database in a folder, for this process alone.</summary>
    /// <exception cref="InvalidOperationException">The folder is in use, the schema is newer than this build, or the file cannot be used.</exception>
    public static SqliteDatabase Open(SqliteStorageOptions options, TimeProvider time, ILogger logger)
    {
        var folder = Directory.CreateDirectory(Path.GetFullPath(options.Path)).FullName;
        var taken = FolderLock.Take(folder);
        var file = Path.Combine(folder, FileName);
        try
        {
            return new SqliteDatabase(taken, file, options, time, logger);
        }
        catch (SqliteException e)
        {
            taken.Dispose();
            throw new InvalidOperationException($"The database '{file}' cannot be opened. {SqliteErrors.Trouble(e) ?? e.Message}", e);
        }
        catch
        {
            taken.Dispose();
            throw;
        }
    }

    /// <summary>Writes what was queued, ends tails and closes the files; then another process may open them.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0)
        {
            return;
        }

        await Writer.CloseAsync();
        Commits.Close();
        Watches.Close();
        await Readers.DisposeAsync();
        folderLock.Dispose();
        SqliteLog.Closed(logger, path, Commits.LastSequence);
    }

#pragma warning disable RS0030 // a container that is disposed synchronously leaves no other way, and the writer has its own thread
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();
#pragma warning restore RS0030
}
