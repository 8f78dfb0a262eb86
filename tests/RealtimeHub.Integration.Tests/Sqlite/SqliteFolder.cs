using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using RealtimeHub.Core.Log;
using RealtimeHub.Sqlite;
using RealtimeHub.Sqlite.Database;
using RealtimeHub.Sqlite.Documents;
using RealtimeHub.Sqlite.Log;

namespace RealtimeHub.Integration.Tests.Sqlite;

/// <summary>A folder of its own for a test, with the database in it open or not.</summary>
internal sealed class SqliteFolder(TimeProvider? time = null) : IAsyncDisposable
{
    private SqliteDatabase? database;

    public string Path { get; } = Directory.CreateTempSubdirectory("realtimehub-").FullName;

    public string File => System.IO.Path.Combine(Path, SqliteDatabase.FileName);

    public SqliteDatabase Database => database ??= Open();

    public IEventLog Log => new SqliteEventLog(Database, NullLogger<SqliteEventLog>.Instance);

    public SqliteDocumentStore Documents => new(Database);

    /// <summary>Opens the database a second time, or without keeping it.</summary>
    public SqliteDatabase Open() => SqliteDatabase.Open(
        new SqliteStorageOptions { Path = Path, BusyTimeout = TimeSpan.FromMilliseconds(100) }, time ?? TimeProvider.System, NullLogger.Instance);

    /// <summary>Closes the database; the next use opens it again.</summary>
    public async Task CloseAsync()
    {
        if (database is not null)
        {
            await database.DisposeAsync();
            database = null;
        }
    }

    /// <summary>A connection of another program.</summary>
    public SqliteConnection Connect()
    {
        var connection = new SqliteConnection($"Data Source={File};Pooling=false");
        connection.Open();
        return connection;
    }

    /// <summary>Runs SQL as another program would, beside the open database or while it is closed.</summary>
    public void Execute(string sql)
    {
        using var connection = Connect();
        Execute(connection, sql);
    }

    public static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // a test's own text
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        Directory.Delete(Path, recursive: true);
    }
}
