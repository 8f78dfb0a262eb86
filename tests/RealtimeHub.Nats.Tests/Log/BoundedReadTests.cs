using RealtimeHub.Core.Log;
using RealtimeHub.Nats.Tests.Server;
using RealtimeHub.Specification;
using RealtimeHub.TestServers;

namespace RealtimeHub.Nats.Tests.Log;

/// <summary>What the server is asked for when a page is read from a topic that holds much more: that, and not much more, comes over the connection.</summary>
public sealed class BoundedReadTests : IAsyncLifetime
{
    private const int Events = 300;
    private const int EventBytes = 100_000;

    private readonly CountingRelay relay;
    private readonly Deployment deployment;

    public BoundedReadTests(SharedNats nats)
    {
        relay = new CountingRelay(nats.Url);
        deployment = new Deployment(relay.Url);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static TopicKey Topic { get; } = TestEvents.Topic();

    public async ValueTask InitializeAsync()
    {
        var text = new string('x', EventBytes);
        for (var i = 0; i < Events; i++)
        {
            await deployment.Log.AppendAsync(Topic, [TestEvents.State($"event-{i}", text)], null, Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await deployment.DisposeAsync();
        await relay.DisposeAsync();
    }

    [Theory]
    [InlineData(20, LogRange.DefaultMaxBytes)]
    [InlineData(1_000, 2_000_000)]
    public async Task Forward(int limit, int maxBytes)
    {
        var before = relay.Received;

        var page = await deployment.Log.ReadAsync(Topic, new LogRange(limit, MaxBytes: maxBytes), Token);

        page.Should().HaveCountGreaterThan(15).And.HaveCountLessThan(21);
        (relay.Received - before).Should().BeLessThan(45 * EventBytes);
    }

    // Its newest event is alone behind others' events, so that it is looked for further and further back.
    [Theory]
    [InlineData(10, LogRange.DefaultMaxBytes)]
    [InlineData(1_000, 1_000_000)]
    public async Task Back_OverAGap(int limit, int maxBytes)
    {
        for (var i = 0; i < 260; i++)
        {
            await deployment.Log.AppendAsync(TestEvents.Topic("c2"), [TestEvents.State($"other-{i}")], null, Token);
        }

        await deployment.Log.AppendAsync(Topic, [TestEvents.State("newest")], null, Token);
        var before = relay.Received;

        var page = await deployment.Log.ReadAsync(Topic, new LogRange(limit, Descending: true, MaxBytes: maxBytes), Token);

        page.Select(e => e.Id).Should().Equal([.. Enumerable.Range(1, page.Count - 1).Select(i => $"event-{Events - i}").Prepend("newest")]);
        page.Should().HaveCountGreaterThan(8).And.HaveCountLessThan(11);
        page.HasMore.Should().BeTrue();
        (relay.Received - before).Should().BeLessThan(100 * EventBytes);
    }
}
