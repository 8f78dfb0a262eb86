using NATS.Client.JetStream.Models;
using RealtimeHub.Core.Log;
using RealtimeHub.Nats.Tests.Server;
using RealtimeHub.Specification;
using RealtimeHub.Specification.Log;
using RealtimeHub.TestServers;

namespace RealtimeHub.Nats.Tests.Log;

/// <summary>A stream that loses what was seen in it, below a service that runs.</summary>
public sealed class RollbackTests(SharedNats nats) : IAsyncLifetime
{
    private readonly Deployment deployment = new(nats.Url);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static TopicKey Topic { get; } = TestEvents.Topic();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => deployment.DisposeAsync();

    [Fact]
    public async Task RolledBack_ItIsAnotherLog()
    {
        var epoch = await SeenAsync(events: 5);

        await deployment.RollBackAsync(3);

        await RenewedAsync(epoch);
        (await deployment.Log.ReadAsync(Topic, new LogRange(10), Token)).Select(e => e.Id).Should().Equal("event-0", "event-1", "event-2");
    }

    [Fact]
    public async Task RolledBack_AndGrownPastWhatWasSeen_ItIsAnotherLog()
    {
        var epoch = await SeenAsync(events: 5);

        await deployment.RollBackAsync(3);
        await AppendAsync("other", 10);

        await RenewedAsync(epoch);
    }

    [Fact]
    public async Task RolledBack_ByDeltasAlone_AndGrownPastWhatWasSeen_ItIsAnotherLog()
    {
        await AppendAsync("event", 3);
        await deployment.Log.AppendAsync(Topic, [TestEvents.Delta("delta-1"), TestEvents.Delta("delta-2")], null, Token);
        var epoch = await SeenAsync(events: 0, before: 5);

        await deployment.RollBackAsync(3);
        await AppendAsync("other", 10);

        await RenewedAsync(epoch);
    }

    [Fact]
    public async Task RolledBack_WhileNobodyFollows_IsDecidedByWhoeverAsksForTheHead()
    {
        var epoch = await SeenAsync(events: 5);
        await deployment.RollBackAsync(3);
        using var deadline = new CancellationTokenSource(Deadline.Length, TimeProvider.System);

        LogHead? head = null;
        while (head is null)
        {
            try
            {
                head = await deployment.Log.GetHeadAsync(deadline.Token);
            }
            catch (LogUnavailableException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, deadline.Token);
            }
        }

        head.Value.Epoch.Should().NotBe(epoch);
        head.Value.LastSequence.Should().Be(3);
    }

    [Fact]
    public async Task RolledBack_UntilThatIsDecided_NothingIsAnsweredFromIt()
    {
        await SeenAsync(events: 5);

        await deployment.RollBackAsync(3);

        await FluentActions.Awaiting(async () => await deployment.Log.GetHeadAsync(Token)).Should().ThrowAsync<LogUnavailableException>();
        var page = new LogRange(10, After: 2, Before: 6); // up to what was seen: no shorter page may pass for all of it
        await FluentActions.Awaiting(async () => await deployment.Log.ReadAsync(Topic, page, Token)).Should().ThrowAsync<LogUnavailableException>();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Removed_WhileItIsTheNewest_IsNoRollback(bool isDelta)
    {
        var other = TestEvents.Topic("c2");
        await AppendAsync("event", 1);
        await deployment.Log.AppendAsync(other, [isDelta ? TestEvents.Delta("last") : TestEvents.State("last")], null, Token);
        await using var first = new TailReader(deployment.Log, 0);
        await first.TakeAsync(2);
        var before = await deployment.Log.GetHeadAsync(Token);

        var removed = isDelta
            ? await deployment.Log.PurgeStreamLaneAsync(before.LastSequence + 1, Token)
            : await deployment.Log.RemoveTopicAsync(other, before.LastSequence, Token);
        removed.Should().Be(1);

        // Whoever begins to follow looks at the stream first.
        await using var second = new TailReader(deployment.Log, before.LastSequence);
        await AppendAsync("next", 1);
        (await second.TakeAsync(1)).Select(e => e.Id).Should().Equal("next-0");
        (await deployment.Log.GetHeadAsync(Token)).Epoch.Should().Be(before.Epoch);
    }

    // Another node found it out, between this node's look at the head and the beginning of its tail.
    [Fact]
    public async Task Renewed_BeforeATailBegins_IsNotFollowedUnderItsOldName()
    {
        await AppendAsync("event", 1);
        var head = await deployment.Log.GetHeadAsync(Token);

        await deployment.Backbone.RenewEpochAsync(head.Epoch, Token);

        await using var tail = deployment.Log.TailAsync(head.Epoch, 0, Token).GetAsyncEnumerator(Token);
        await FluentActions.Awaiting(() => tail.MoveNextAsync().AsTask()).Should().ThrowAsync<LogUnavailableException>();
    }

    [Fact]
    public async Task Emptied_ItIsAnotherLog()
    {
        var epoch = await SeenAsync(events: 5);

        await deployment.Backbone.JetStream.PurgeStreamAsync(deployment.Backbone.Subjects.Stream, new StreamPurgeRequest(), Token);

        await RenewedAsync(epoch);
    }

    [Fact]
    public async Task Gone_IsUnavailableAndNotMadeAnew()
    {
        await SeenAsync(events: 5);
        var (jetStream, name) = (deployment.Backbone.JetStream, deployment.Backbone.Subjects.Stream);

        await jetStream.DeleteStreamAsync(name, Token);

        await FluentActions.Awaiting(async () => await deployment.Log.GetHeadAsync(Token)).Should().ThrowAsync<LogUnavailableException>();
        await FluentActions.Awaiting(() => AppendAsync("new", 1)).Should().ThrowAsync<LogUnavailableException>();
        var names = new List<string>();
        await foreach (var there in jetStream.ListStreamNamesAsync(cancellationToken: Token))
        {
            names.Add(there);
        }

        names.Should().NotContain(name);
    }

    /// <summary>Some events that a tail has seen; the epoch.</summary>
    private async Task<ulong> SeenAsync(int events, int before = 0)
    {
        await AppendAsync("event", events);
        await using var tail = new TailReader(deployment.Log, 0);
        await tail.TakeAsync(before + events);
        return (await deployment.Log.GetHeadAsync(Token)).Epoch;
    }

    private async Task AppendAsync(string name, int events)
    {
        for (var i = 0; i < events; i++)
        {
            await deployment.Log.AppendAsync(Topic, [TestEvents.State($"{name}-{i}")], null, Token);
        }
    }

    /// <summary>Follows the log as a node does, until it has another epoch.</summary>
    private async Task RenewedAsync(ulong epoch)
    {
        using var deadline = new CancellationTokenSource(Deadline.Length, TimeProvider.System);
        while (true)
        {
            try
            {
                await foreach (var _ in deployment.Log.TailAsync(5, deadline.Token))
                {
                    // Whatever it brings, the log was looked at before.
                }
            }
            catch (LogUnavailableException)
            {
                if (await EpochAsync() is { } now && now != epoch)
                {
                    return;
                }
            }
        }
    }

    private async Task<ulong?> EpochAsync()
    {
        try
        {
            return (await deployment.Log.GetHeadAsync(Token)).Epoch;
        }
        catch (LogUnavailableException)
        {
            return null;
        }
    }
}
