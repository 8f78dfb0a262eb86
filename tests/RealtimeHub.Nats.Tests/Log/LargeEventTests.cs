using RealtimeHub.Core.Log;
using RealtimeHub.Nats.Tests.Server;
using RealtimeHub.Specification;
using RealtimeHub.TestServers;

namespace RealtimeHub.Nats.Tests.Log;

/// <summary>Events that nats-server's <c>max_payload</c> has no room for.</summary>
public sealed class LargeEventTests(SharedNats nats) : IAsyncLifetime
{
    private const int DefaultMaxPayload = 1 << 20;

    private readonly Deployment deployment = new(nats.Url);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static TopicKey Topic { get; } = TestEvents.Topic();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => deployment.DisposeAsync();

    [Fact]
    public async Task OverMaxPayload_IsRefused_AndNothingOfTheAppendIsStored()
    {
        var append = () => deployment.Log.AppendAsync(
            Topic, [TestEvents.State("small"), TestEvents.State("large", new string('x', DefaultMaxPayload))], expectedState: 0, Token).AsTask();

        await append.Should().ThrowAsync<EventTooLargeException>();
        (await deployment.Log.ReadAsync(Topic, new LogRange(10), Token)).Should().BeEmpty();
    }

    [Fact]
    public async Task WithRoomForHeaders_IsStored()
    {
        var e = TestEvents.State("large", new string('x', DefaultMaxPayload - 8192));

        (await deployment.Log.AppendAsync(Topic, [e], expectedState: 0, Token)).Status.Should().Be(AppendStatus.Stored);
    }
}
