namespace RealtimeHub.Sqlite;

/// <summary>Where the embedded log and documents live.</summary>
public sealed class SqliteStorageOptions
{
    /// <summary>The folder of the database, made when it is not there. One process at a time may use it.</summary>
    /// <remarks>It must be on a local disk: SQLite's write-ahead log does not work over network file systems.</remarks>
    public string Path { get; set; } = "data";

    /// <summary>How long a write waits for another program that holds the database (a backup tool, say) before it is refused.</summary>
    internal TimeSpan BusyTimeout { get; set; } = TimeSpan.FromSeconds(2);
}
