using System.Globalization;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace RealtimeHub.Sqlite.Database;

/// <summary>A connection and its prepared statements. Used by one thread at a time.</summary>
internal sealed class Session : IDisposable
{
    private readonly SqliteConnection connection;
    private readonly Dictionary<string, SqliteCommand> statements = new(StringComparer.Ordinal);
    private int mostPages;

    private Session(SqliteConnection connection) => this.connection = connection;

    /// <summary>Whether a transaction is open. SQLite may end one by itself when the disk fails.</summary>
    public bool InTransaction => raw.sqlite3_get_autocommit(connection.Handle) == 0;

    /// <summary>Opens the connection that writes.</summary>
    /// <remarks>
    /// synchronous=FULL syncs the write-ahead log at every commit: what was committed survives a power cut. The larger page cache keeps
    /// the upper levels of the indexes; the size limit shrinks a write-ahead log that grew under load.
    /// </remarks>
    public static Session OpenWriter(string file, TimeSpan busyTimeout) => Open(
        file, busyTimeout, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -16384; PRAGMA journal_size_limit = 67108864;");

    /// <summary>Opens a connection that reads; a statement that writes fails on it.</summary>
    public static Session OpenReader(string file, TimeSpan busyTimeout) => Open(file, busyTimeout, "PRAGMA query_only = ON;");

    /// <summary>A statement, prepared once, with <paramref name="arguments"/> as <c>$1</c>, <c>$2</c> and so on.</summary>
    public SqliteCommand Statement(string sql, params ReadOnlySpan<object?> arguments)
    {
        if (!statements.TryGetValue(sql, out var statement))
        {
            statement = connection.CreateCommand();
#pragma warning disable CA2100 // every statement is a constant
            statement.CommandText = sql;
#pragma warning restore CA2100
            for (var i = 1; i <= arguments.Length; i++)
            {
                statement.Parameters.Add(new SqliteParameter { ParameterName = string.Create(CultureInfo.InvariantCulture, $"${i}") });
            }

            statements.Add(sql, statement);
        }

        for (var i = 0; i < arguments.Length; i++)
        {
            statement.Parameters[i].Value = arguments[i] ?? DBNull.Value;
        }

        return statement;
    }

    public int Execute(string sql, params ReadOnlySpan<object?> arguments) => Statement(sql, arguments).ExecuteNonQuery();

    /// <summary>The first column of the first row; null when there is no row or it is null.</summary>
    public T? Scalar<T>(string sql, params ReadOnlySpan<object?> arguments)
        where T : struct => Statement(sql, arguments).ExecuteScalar() is T value ? value : null;

    /// <summary>Lets the file grow to this many pages and no further; 0: as far as it likes.</summary>
    public void LimitPages(int most)
    {
        if (most != mostPages)
        {
            ExecuteScript(string.Create(CultureInfo.InvariantCulture, $"PRAGMA max_page_count = {(most == 0 ? int.MaxValue : most)}"));
            mostPages = most;
        }
    }

    /// <summary>Several statements, once; not kept.</summary>
    public void ExecuteScript(string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // every script is a constant
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    public void Dispose()
    {
        foreach (var statement in statements.Values)
        {
            statement.Dispose();
        }

        connection.Dispose();
    }

    private static Session Open(string file, TimeSpan busyTimeout, string pragmas)
    {
        // The provider itself repeats what was busy until its timeout has passed: one second, its least, so that SQLite's own waiting,
        // which wakes sooner, decides.
        var opened = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = file,
            Mode = SqliteOpenMode.ReadWriteCreate,
            Pooling = false,
            DefaultTimeout = 1,
        }.ToString());
        var session = new Session(opened);
        try
        {
            opened.Open();
            session.ExecuteScript(string.Create(CultureInfo.InvariantCulture, $"PRAGMA busy_timeout = {(long)busyTimeout.TotalMilliseconds}; {pragmas}"));
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }
}
