using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using RealtimeHub.Core.Documents;
using RealtimeHub.Core.Log;
using RealtimeHub.Specification;
using RealtimeHub.Sqlite;

namespace RealtimeHub.Integration.Tests.Sqlite;

public sealed class SqliteStorageTests : IAsyncDisposable
{
    private readonly SqliteFolder folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => folder.DisposeAsync();

    [Fact]
    public async Task AddSqliteStorage_HostRuns_ServesBothPorts()
    {
        using (var host = Build(Path.Combine(folder.Path, "made", "by", "itself")))
        {
            await host.StartAsync(Token);
            await host.Services.GetRequiredService<IEventLog>().AppendAsync(TestEvents.Topic(), [TestEvents.State("a")], 0, Token);
            await host.Services.GetRequiredService<IDocumentStore>().PutAsync("key", new byte[] { 1 }, 0, Token);
            await host.StopAsync(Token);
        }

        using var again = Build(Path.Combine(folder.Path, "made", "by", "itself"));
        await again.StartAsync(Token);
        (await again.Services.GetRequiredService<IEventLog>().GetHeadAsync(Token)).LastSequence.Should().Be(1);
    }

    [Fact]
    public async Task AddSqliteStorage_FolderInUse_StopsTheStart()
    {
        _ = folder.Database;
        using var host = Build(folder.Path);

        await host.Awaiting(h => h.StartAsync(Token)).Should().ThrowAsync<InvalidOperationException>().WithMessage("*in use*");
    }

    private static IHost Build(string path)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSqliteStorage(options => options.Path = path);
        return builder.Build();
    }
}
