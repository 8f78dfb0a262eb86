using Microsoft.Extensions.DependencyInjection;
using RealtimeHub.Core.Folds;
using RealtimeHub.Core.Log;
using RealtimeHub.Sqlite;
using RealtimeHub.Sqlite.Database;

namespace RealtimeHub.Benchmarks.Sqlite;

/// <summary>A log in a folder of its own, put together as the server does it.</summary>
internal sealed class BenchLog(string parent) : IAsyncDisposable
{
    private readonly string folder = Directory.CreateDirectory(Path.Combine(parent, "realtimehub-bench-" + Path.GetRandomFileName())).FullName;
    private ServiceProvider? services;

    public IEventLog Log => Get<IEventLog>();

    public ITopicFolds Folds => Get<ITopicFolds>();

    public SqliteDatabase Database => Get<SqliteDatabase>();

    /// <summary>Size of the database without its write-ahead log.</summary>
    public long FileBytes => new FileInfo(Path.Combine(folder, SqliteDatabase.FileName)).Length;

    public async Task CloseAsync()
    {
        if (services is not null)
        {
            await services.DisposeAsync();
            services = null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        Directory.Delete(folder, recursive: true);
    }

    private T Get<T>()
        where T : notnull => (services ??= Open()).GetRequiredService<T>();

    private ServiceProvider Open()
    {
        var collection = new ServiceCollection();
        collection.AddLogging();
        collection.AddSqliteStorage(options => options.Path = folder);
        collection.AddFolds();
        return collection.BuildServiceProvider();
    }
}
