using NATS.Client.Core;
using NATS.Client.JetStream;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Log;
using RealtimeHub.Nats.Log;
using RealtimeHub.Nats.Tests.Server;
using RealtimeHub.Specification;
using RealtimeHub.TestServers;

namespace RealtimeHub.Nats.Tests.Log;

/// <summary>Appends that are there already, where the server only says that something is: later ones than 2.10 do.</summary>
public sealed class RepeatedAppendTests(SharedNats nats) : IAsyncLifetime
{
    private readonly Deployment deployment = new(nats.Url);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static TopicKey Topic { get; } = TestEvents.Topic();

    public ValueTask InitializeAsync() => deployment.Backbone.PrepareAsync(Token);

    public ValueTask DisposeAsync() => deployment.DisposeAsync();

    [Fact]
    public async Task OwnEvent_BehindTheExpectation_IsADuplicate()
    {
        var e = TestEvents.State("own");
        var stored = await StoreAsync(e);
        await StoreAsync(TestEvents.State("another"));

        (await deployment.Log.AppendAsync(Topic, [e], expectedState: 0, Token)).Should().Be(new AppendResult(AppendStatus.Stored, stored, Duplicates: 1));
    }

    [Fact]
    public async Task AnothersEvents_BehindTheExpectation_AreAConflict()
    {
        await StoreAsync(TestEvents.State("another"));

        (await deployment.Log.AppendAsync(Topic, [TestEvents.State("own")], expectedState: 0, Token)).Status.Should().Be(AppendStatus.Conflict);
        (await deployment.Log.ReadAsync(Topic, new LogRange(10), Token)).Select(e => e.Id).Should().Equal("another");
    }

    // Without an id, so that no server knows it again.
    private async Task<long> StoreAsync(NewEvent e)
    {
        var ack = await deployment.Backbone.JetStream.PublishAsync(
            deployment.Backbone.Subjects.Of(Topic, Lane.State),
            e.Body,
            NatsRawSerializer<ReadOnlyMemory<byte>>.Default,
            headers: StoredMessages.HeadersOf(e),
            cancellationToken: Token);
        ack.EnsureSuccess();
        return (long)ack.Seq;
    }
}
