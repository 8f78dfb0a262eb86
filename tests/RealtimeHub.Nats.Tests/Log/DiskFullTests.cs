using RealtimeHub.Core.Log;
using RealtimeHub.Nats.Tests.Server;
using RealtimeHub.Specification;
using RealtimeHub.TestServers;

namespace RealtimeHub.Nats.Tests.Log;

/// <summary>A nats-server that has no room left.</summary>
public sealed class DiskFullTests : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("realtimehub-nats-").FullName;
    private NatsServer server = null!;
    private Deployment deployment = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static TopicKey Topic { get; } = TestEvents.Topic();

    public async ValueTask InitializeAsync()
    {
        var configuration = Path.Combine(folder, "server.conf");
        await File.WriteAllTextAsync(configuration, "jetstream { max_file_store: 2MB }", Token);
        server = await NatsServer.StartAsync(folder, "-c", configuration);
        deployment = new Deployment(server.Url);
    }

    public async ValueTask DisposeAsync()
    {
        await deployment.Backbone.DisposeAsync();
        await server.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Full_IsUnavailable_NothingIsHalfStored_AndItGoesOnWhenThereIsRoom()
    {
        var text = new string('x', 50_000);
        var stored = new List<string>();
        while (await IsStoredAsync(TestEvents.Delta($"delta-{stored.Count}", text)))
        {
            stored.Add($"delta-{stored.Count}");
        }

        stored.Should().HaveCountGreaterThan(10);
        (await IsStoredAsync(TestEvents.State("late", text))).Should().BeFalse("there is no room for it either");
        (await IdsAsync()).Should().Equal(stored);

        await deployment.Log.PurgeStreamLaneAsync(long.MaxValue, Token);

        (await IsStoredAsync(TestEvents.State("after", text))).Should().BeTrue();
        (await IdsAsync()).Should().Equal("after");
    }

    [Fact]
    public async Task Full_InTheMiddleOfAnAppend_SaysWhatIsStored()
    {
        var text = new string('x', 50_000);
        List<NewEvent> events = [.. Enumerable.Range(0, 60).Select(i => TestEvents.Delta($"delta-{i}", text))];
        while (!await IsStoredAsync(TestEvents.Delta("first", text)))
        {
            Token.ThrowIfCancellationRequested(); // a server that has just started on a busy machine may answer late
        }

        var lost = await FluentActions.Awaiting(async () => await deployment.Log.AppendAsync(Topic, events, null, Token))
            .Should().ThrowAsync<LogUnavailableException>();

        var stored = await deployment.Log.ReadAsync(Topic, new LogRange(1_000, MaxBytes: 16 * 1024 * 1024), Token);
        stored.Should().HaveCountGreaterThan(10, "{0}", lost.Which);
        lost.Which.Stored.Should().Be((stored.Count - 1, stored[^1].Sequence));
    }

    private async Task<bool> IsStoredAsync(NewEvent e)
    {
        try
        {
            return (await deployment.Log.AppendAsync(Topic, [e], null, Token)).Status == AppendStatus.Stored;
        }
        catch (LogUnavailableException)
        {
            return false;
        }
    }

    private async Task<IEnumerable<string>> IdsAsync() =>
        (await deployment.Log.ReadAsync(Topic, new LogRange(1_000, MaxBytes: 16 * 1024 * 1024), Token)).Select(e => e.Id);
}
