using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using RealtimeHub.Core.Documents;
using RealtimeHub.Core.Log;
using RealtimeHub.Sqlite.Database;
using RealtimeHub.Sqlite.Documents;
using RealtimeHub.Sqlite.Log;

namespace RealtimeHub.Sqlite;

/// <summary>Registers the embedded storage.</summary>
public static class SqliteStorageExtensions
{
    /// <summary>Keeps the log and the documents in one SQLite database, for a server that needs no other.</summary>
    /// <remarks>
    /// The database is opened when the host starts, so that a folder in use or a database of a newer version stops the start
    /// with an <see cref="InvalidOperationException"/> that says so. When the container is disposed, what was queued is still written.
    /// </remarks>
    public static IServiceCollection AddSqliteStorage(this IServiceCollection services, Action<SqliteStorageOptions>? configure = null)
    {
        var options = services.AddOptions<SqliteStorageOptions>();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(provider => SqliteDatabase.Open(
            provider.GetRequiredService<IOptions<SqliteStorageOptions>>().Value,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<SqliteDatabase>>()));
        services.AddSingleton<IEventLog, SqliteEventLog>();
        services.AddSingleton<IDocumentStore, SqliteDocumentStore>();
        services.AddHostedService<SqliteStorageService>();
        return services;
    }
}
