using RealtimeHub.Core.Log;
using RealtimeHub.Nats.Tests.Server;
using RealtimeHub.Specification;
using RealtimeHub.TestServers;

namespace RealtimeHub.Nats.Tests.Log;

/// <summary>A nats-server that has no room left: on its disk, or for the account.</summary>
public sealed class DiskFullTests : IAsyncLifetime
{
    private const string SmallDisk = "jetstream { max_file_store: 2MB }";
    private const string SmallAccount =
        """accounts { hub { jetstream { max_file: 2MB, max_mem: 8MB }, users: [{ user: hub, password: secret }] } }""";

    private readonly string folder = Directory.CreateTempSubdirectory("realtimehub-nats-").FullName;
    private NatsServer? server;
    private Deployment? opened;

    private Deployment Deployment => opened!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static TopicKey Topic { get; } = TestEvents.Topic();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (opened is not null)
        {
            await opened.Backbone.DisposeAsync();
        }

        if (server is not null)
        {
            await server.DisposeAsync();
        }

        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData(SmallDisk)]
    [InlineData(SmallAccount)]
    public async Task Full_IsUnavailable_NothingIsHalfStored_AndItGoesOnWhenThereIsRoom(string configuration)
    {
        await StartAsync(configuration);
        var other = TestEvents.Topic("c2");
        var first = (await Deployment.Log.AppendAsync(other, [TestEvents.State("first")], expectedState: 0, Token)).LastSequence;
        var text = new string('x', 50_000);
        var stored = new List<string>();
        while (await IsStoredAsync(TestEvents.Delta($"delta-{stored.Count}", text)))
        {
            stored.Add($"delta-{stored.Count}");
        }

        stored.Should().HaveCountGreaterThan(10);
        (await IsStoredAsync(TestEvents.State("late", text))).Should().BeFalse("there is no room for it either");
        (await IdsAsync()).Should().Equal(stored);
        await FluentActions.Awaiting(() => Deployment.Log.AppendAsync(other, [TestEvents.State("second", text)], first, Token).AsTask())
            .Should().ThrowAsync<LogUnavailableException>();
        await FluentActions.Awaiting(() => Deployment.Documents.PutAsync("key", new byte[50_000], expectedRevision: null, Token).AsTask())
            .Should().ThrowAsync<LogUnavailableException>();

        await Deployment.Log.PurgeStreamLaneAsync(long.MaxValue, Token);

        (await IsStoredAsync(TestEvents.State("after", text))).Should().BeTrue();
        (await IdsAsync()).Should().Equal("after");

        // What was refused is as if it had not been asked for.
        (await Deployment.Log.ReadAsync(other, new LogRange(10, Descending: true), Token)).Select(e => e.Id).Should().Equal("first");
        var next = await Deployment.Log.AppendAsync(other, [TestEvents.State("second", text)], first, Token);
        next.Status.Should().Be(AppendStatus.Stored);
        (await Deployment.Log.AppendAsync(other, [TestEvents.State("third")], first, Token)).Status.Should().Be(AppendStatus.Conflict);
        (await Deployment.Log.AppendAsync(other, [TestEvents.State("third")], next.LastSequence, Token)).Status.Should().Be(AppendStatus.Stored);
    }

    [Theory]
    [InlineData(SmallDisk)]
    [InlineData(SmallAccount)]
    public async Task Full_InTheMiddleOfAnAppend_SaysWhatIsStored(string configuration)
    {
        await StartAsync(configuration);
        var text = new string('x', 50_000);
        List<NewEvent> events = [.. Enumerable.Range(0, 60).Select(i => TestEvents.Delta($"delta-{i}", text))];
        while (!await IsStoredAsync(TestEvents.Delta("first", text)))
        {
            Token.ThrowIfCancellationRequested(); // a server that has just started on a busy machine may answer late
        }

        var lost = await FluentActions.Awaiting(async () => await Deployment.Log.AppendAsync(Topic, events, null, Token))
            .Should().ThrowAsync<LogUnavailableException>();

        var stored = await Deployment.Log.ReadAsync(Topic, new LogRange(1_000, MaxBytes: 16 * 1024 * 1024), Token);
        stored.Should().HaveCountGreaterThan(10, "{0}", lost.Which);
        lost.Which.Stored.Should().Be((stored.Count - 1, stored[^1].Sequence));
    }

    private async Task StartAsync(string configuration)
    {
        var file = Path.Combine(folder, "server.conf");
        await File.WriteAllTextAsync(file, configuration, Token);
        server = await NatsServer.StartAsync(folder, "-c", file);
        opened = new Deployment(new NatsStorageOptions { Url = server.Url, Username = "hub", Password = "secret" });
    }

    private async Task<bool> IsStoredAsync(NewEvent e)
    {
        try
        {
            return (await Deployment.Log.AppendAsync(Topic, [e], null, Token)).Status == AppendStatus.Stored;
        }
        catch (LogUnavailableException)
        {
            return false;
        }
    }

    private async Task<IEnumerable<string>> IdsAsync() =>
        (await Deployment.Log.ReadAsync(Topic, new LogRange(1_000, MaxBytes: 16 * 1024 * 1024), Token)).Select(e => e.Id);
}
