using Microsoft.Extensions.Hosting;
using RealtimeHub.Sqlite.Database;

namespace RealtimeHub.Sqlite;

/// <summary>Opens the database while the host starts: needing it is enough.</summary>
#pragma warning disable CS9113 // see above
internal sealed class SqliteStorageService(SqliteDatabase database) : IHostedService
#pragma warning restore CS9113
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
