using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using RealtimeHub.Nats.Documents;
using RealtimeHub.Nats.Tests.Server;
using RealtimeHub.Specification;
using RealtimeHub.TestServers;

namespace RealtimeHub.Nats.Tests.Documents;

/// <summary>What deleted documents leave in the bucket.</summary>
public sealed class MarkerTests(SharedNats nats) : IAsyncLifetime
{
    private readonly Deployment deployment = new(nats.Url);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => deployment.DisposeAsync();

    [Fact]
    public async Task Remove_TakesOldMarkersAlone()
    {
        await deployment.Documents.PutAsync("kept", "1"u8.ToArray(), expectedRevision: null, Token);
        await DeletedAsync("a", "b", "c");
        await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Token); // the server's clock goes by itself
        var between = TimeProvider.System.GetUtcNow();
        await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Token);
        await DeletedAsync("d");
        (await MessagesAsync()).Should().Be(5);

        await RemoveAsync(between);

        (await MessagesAsync()).Should().Be(2, "the document, and the newest marker");
        (await deployment.Documents.GetAsync("kept", Token))!.Value.ToArray().Should().Equal("1"u8.ToArray());
        (await deployment.Documents.PutAsync("a", "2"u8.ToArray(), expectedRevision: 0, Token)).Should().NotBeNull("it is not there");
        (await deployment.Documents.ListAsync("", Token).Select(d => d.Key).ToListAsync(Token)).Should().Equal("a", "kept");
    }

    [Fact]
    public async Task Run_ForAMinute_HasComeToIt()
    {
        await DeletedAsync("a");
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddHours(2));
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var running = new MarkerRemover(deployment.Backbone, time, NullLogger<MarkerRemover>.Instance).RunAsync(ended.Token);

        time.Advance(TimeSpan.FromMinutes(1));

        using var deadline = new CancellationTokenSource(Deadline.Length, TimeProvider.System);
        while (await MessagesAsync() > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, deadline.Token);
        }

        await ended.CancelAsync();
        await FluentActions.Awaiting(() => running).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task Remove_WhereThereIsNothing_EndsAtOnce()
    {
        await deployment.Documents.GetAsync("nothing", Token);

        await RemoveAsync(TimeProvider.System.GetUtcNow());

        (await MessagesAsync()).Should().Be(0);
    }

    private ValueTask RemoveAsync(DateTimeOffset before) =>
        new MarkerRemover(deployment.Backbone, TimeProvider.System, NullLogger<MarkerRemover>.Instance).RemoveAsync(before, Token);

    private async Task DeletedAsync(params string[] keys)
    {
        foreach (var key in keys)
        {
            await deployment.Documents.PutAsync(key, "1"u8.ToArray(), expectedRevision: null, Token);
            (await deployment.Documents.DeleteAsync(key, expectedRevision: null, Token)).Should().BeTrue();
        }
    }

    private async Task<long> MessagesAsync() =>
        (await deployment.Backbone.JetStream.GetStreamAsync(deployment.Backbone.Subjects.BucketStream, cancellationToken: Token)).Info.State.Messages;
}
