using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace RealtimeHub.Sqlite.Database;

/// <summary>Tells trouble around the database from mistakes in using it.</summary>
internal static class SqliteErrors
{
    /// <summary>What is the matter, when it is the machine's matter; null for mistakes, which no repetition mends.</summary>
    public static string? Trouble(Exception exception) => exception is not SqliteException e ? null : e.SqliteErrorCode switch
    {
        raw.SQLITE_FULL => "The disk is full.",
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED or raw.SQLITE_PROTOCOL => "Another program holds the database.",
        raw.SQLITE_IOERR => "The disk does not read or write.",
        raw.SQLITE_READONLY or raw.SQLITE_PERM or raw.SQLITE_AUTH => "The database may not be written to.",
        raw.SQLITE_CANTOPEN => "The database file cannot be opened.",
        raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => "The database file is damaged.",
        raw.SQLITE_NOMEM => "There is no memory left.",
        raw.SQLITE_INTERRUPT => "The database is being closed.",
        _ => null,
    };
}
