using RealtimeHub.Contracts;
using RealtimeHub.Nats.Log;
using RealtimeHub.Nats.Tests.Server;
using RealtimeHub.Specification;
using RealtimeHub.TestServers;

namespace RealtimeHub.Nats.Tests.Log;

/// <summary>The consumer of one read.</summary>
public sealed class RangeConsumerTests(SharedNats nats) : IAsyncDisposable
{
    private readonly Deployment deployment = new(nats.Url);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => deployment.DisposeAsync();

    [Fact]
    public async Task ForgottenByTheServer_IsGone_AndNobodysFault()
    {
        var backbone = deployment.Backbone;
        await deployment.Log.AppendAsync(TestEvents.Topic(), [TestEvents.State("e1")], null, Token);
        var consumer = await RangeConsumer.CreateAsync(backbone, backbone.Subjects.Of(TestEvents.Topic(), Lane.State), 1, headersOnly: false, Token);
        await foreach (var name in backbone.JetStream.ListConsumerNamesAsync(backbone.Subjects.Stream, Token))
        {
            await backbone.JetStream.DeleteConsumerAsync(backbone.Subjects.Stream, name, Token);
        }

        await FluentActions.Awaiting(() => consumer.DisposeAsync().AsTask()).Should().NotThrowAsync();
    }
}
