using RealtimeHub.Client.Tests.Fakes;
using RealtimeHub.Contracts;

namespace RealtimeHub.Client.Tests;

public sealed class SubscriptionTests : IAsyncLifetime
{
    private const string Topic = "conversation:c1";
    private FakeServer server = null!;

    public async ValueTask InitializeAsync() => server = await FakeServer.StartAsync();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task Subscribe_FromSnapshot_YieldsStateThenEvents()
    {
        await AppendAsync(1);
        await using var client = server.ClientOf();
        await using var reading = new Reading(client, Topic, SubscribeFrom.Snapshot);

        var snapshot = await reading.NextAsync<SnapshotReceived>();
        await AppendAsync(2);

        snapshot.State.GetProperty("title").GetString().Should().Be("a title");
        snapshot.Restart.Should().BeFalse();
        Numbers(await reading.EventsAsync(2)).Should().Equal(0, 1);
    }

    [Fact]
    public async Task Subscribe_ConnectionsDropped_GoesOnWithoutGapOrRepetition()
    {
        await AppendAsync(3);
        await using var client = server.ClientOf();
        await using var reading = new Reading(client, Topic, SubscribeFrom.Earliest);
        var seen = await reading.EventsAsync(3);

        for (var round = 0; round < 5; round++)
        {
            server.DropConnections();
            await AppendAsync(2);
            seen.AddRange(await reading.EventsAsync(2));
        }

        seen.Select(e => e.Seq).Should().Equal(server.Topic(Topic).All().Select(e => e.Seq));
        server.RequestsOf<Subscribe>().Skip(1).Should().OnlyContain(r => r.Subscriptions[0].From == SubscribeFrom.Cursor);
    }

    [Fact]
    public async Task Subscribe_ServerGoesAwayAndComesBack_GoesOnFromTheCursor()
    {
        await AppendAsync(1);
        await using var client = server.ClientOf();
        await using var reading = new Reading(client, Topic, SubscribeFrom.Earliest);
        await reading.EventsAsync(1);

        await server.GoAwayAsync();
        await AppendAsync(4);
        var next = reading.EventsAsync(4);
        await server.ComeBackAsync();

        Numbers(await next).Should().Equal(0, 1, 2, 3);
    }

    [Fact]
    public async Task Subscribe_FromLatestCutBeforeTheFirstEvent_MissesNothing()
    {
        await AppendAsync(1);
        await using var client = server.ClientOf();
        await using var reading = new Reading(client, Topic, SubscribeFrom.Latest);
        var next = reading.EventsAsync(1);
        await server.Changed.UntilAsync(() => server.RequestsOf<Subscribe>().Count == 1);
        await using (var other = new Reading(client, "conversation:other", SubscribeFrom.Snapshot))
        {
            await other.NextAsync(); // answers come in order, so the first subscription's has come
        }

        await server.GoAwayAsync();
        await AppendAsync(1);
        await server.ComeBackAsync();

        (await next).Single().Seq.Should().Be(server.Topic(Topic).Head);
    }

    [Fact]
    public async Task Subscribe_ServerRepeatsEvents_DropsThem()
    {
        await AppendAsync(2);
        await using var client = server.ClientOf();
        await using var reading = new Reading(client, Topic, SubscribeFrom.Earliest);
        await reading.EventsAsync(2);

        var again = server.Topic(Topic).All();
        await server.SendAsync(nameof(IEventsClient.Events), new EventsMessage(Topic, server.Topic(Topic).CursorAt(again[^1].Seq), again));
        await AppendAsync(1);

        (await reading.EventsAsync(1)).Single().Seq.Should().Be(server.Topic(Topic).Head);
    }

    [Fact]
    public async Task Subscribe_LogIsAnotherOne_YieldsASnapshotThatRestarts()
    {
        await AppendAsync(5);
        await using var client = server.ClientOf();
        await using var reading = new Reading(client, Topic, SubscribeFrom.Earliest);
        await reading.EventsAsync(5);

        server.Topic(Topic).Epoch = "e2";
        server.DropConnections();
        var snapshot = await reading.NextAsync<SnapshotReceived>();
        await AppendAsync(1);

        snapshot.Restart.Should().BeTrue();
        Numbers(await reading.EventsAsync(1)).Should().Equal(0);
    }

    [Fact]
    public async Task Subscribe_ResetWhileConnected_YieldsANoticeAndTheNewState()
    {
        await AppendAsync(5);
        await using var client = server.ClientOf();
        await using var reading = new Reading(client, Topic, SubscribeFrom.Snapshot);
        await reading.NextAsync<SnapshotReceived>();
        var newest = server.RequestsOf<Subscribe>()[0].Subscriptions[0].Ref;

        await server.SendAsync(nameof(IEventsClient.SubscriptionChanged), new SubscriptionChangedMessage(Topic, SubscriptionStatus.Reset, newest));
        await server.SendAsync(nameof(IEventsClient.Snapshot), new SnapshotMessage(Topic, Json.Of(new { seq = 2 }), "e2:2", newest));
        await server.SendAsync(nameof(IEventsClient.Events), new EventsMessage(Topic, "e2:3", [Json.Event(3)]));

        (await reading.NextAsync<SubscriptionChanged>()).Status.Should().Be(SubscriptionStatus.Reset);
        (await reading.NextAsync<SnapshotReceived>()).Restart.Should().BeTrue();
        (await reading.EventsAsync(1)).Single().Seq.Should().Be(3);
    }

    [Theory]
    [InlineData(SubscribeStatus.NotFound, SubscriptionEnd.NotFound)]
    [InlineData(SubscribeStatus.Forbidden, SubscriptionEnd.Forbidden)]
    [InlineData(SubscribeStatus.Limit, SubscriptionEnd.Limit)]
    public async Task Subscribe_Refused_EndsSayingWhy(SubscribeStatus status, SubscriptionEnd why)
    {
        server.Refusals[Topic] = status;
        await using var client = server.ClientOf();
        await using var reading = new Reading(client, Topic, SubscribeFrom.Latest);

        (await reading.NextAsync<SubscriptionEnded>()).Why.Should().Be(why);
        (await reading.EndsAsync()).Should().BeTrue();
    }

    [Fact]
    public async Task Subscribe_Revoked_EndsAfterWhatCameBefore()
    {
        await using var client = server.ClientOf();
        await using var reading = new Reading(client, Topic, SubscribeFrom.Snapshot);
        await reading.NextAsync<SnapshotReceived>();
        await AppendAsync(1);

        var newest = server.RequestsOf<Subscribe>()[0].Subscriptions[0].Ref;
        await server.SendAsync(
            nameof(IEventsClient.SubscriptionChanged), new SubscriptionChangedMessage(Topic, SubscriptionStatus.Revoked, newest, "left"));

        await reading.EventsAsync(1);
        (await reading.NextAsync<SubscriptionEnded>()).Should().Be(new SubscriptionEnded(Topic, SubscriptionEnd.Revoked, "left"));
    }

    [Fact]
    public async Task Subscribe_UnavailableForAMoment_AsksAgain()
    {
        server.AnswerNext(nameof(Subscribe), new Error(ErrorCode.Unavailable, "later") { RetryAfterMs = 1 });
        await AppendAsync(1);
        await using var client = server.ClientOf();
        await using var reading = new Reading(client, Topic, SubscribeFrom.Earliest);

        (await reading.EventsAsync(1)).Should().HaveCount(1);
    }

    [Fact]
    public async Task Subscribe_MalformedCursor_Throws()
    {
        server.AnswerNext(nameof(Subscribe), Error.Invalid("subscriptions[0].cursor", "must be a cursor"));
        await using var client = server.ClientOf();
        await using var reading = new Reading(client, Topic, StartPosition.After("nonsense"));

        var refusal = await FluentActions.Awaiting(reading.NextAsync).Should().ThrowAsync<RealtimeHubException>();

        refusal.Which.Error.Code.Should().Be(ErrorCode.InvalidRequest);
    }

    [Fact]
    public async Task Subscribe_SameTopicTwice_RefusesTheSecondUntilTheFirstIsOver()
    {
        await AppendAsync(2);
        await using var client = server.ClientOf();
        await using (var first = new Reading(client, Topic, SubscribeFrom.Earliest))
        {
            await first.EventsAsync(2);
            await using var second = new Reading(client, Topic, SubscribeFrom.Earliest);
            await FluentActions.Awaiting(second.NextAsync).Should().ThrowAsync<InvalidOperationException>();
        }

        await using var third = new Reading(client, Topic, SubscribeFrom.Earliest);
        Numbers(await third.EventsAsync(2)).Should().Equal(0, 1);
    }

    [Fact]
    public async Task Subscribe_AfterARefusedUnsubscribe_WaitsForTheFence()
    {
        await AppendAsync(2);
        await using var client = server.ClientOf();
        server.AnswerNext(nameof(Unsubscribe), new Error(ErrorCode.RateLimited, "slow down"));
        await using (var first = new Reading(client, Topic, SubscribeFrom.Earliest))
        {
            await first.EventsAsync(2);
        }

        await using var second = new Reading(client, Topic, SubscribeFrom.Latest);
        var next = second.NextAsync();
        await server.Changed.UntilAsync(() => server.RequestsOf<Subscribe>().Count == 2);
        await AppendAsync(1); // still of the old subscription, as far as anybody knows
        var newest = server.RequestsOf<Subscribe>()[1].Subscriptions[0].Ref;
        await server.SendAsync(
            nameof(IEventsClient.SubscriptionChanged), new SubscriptionChangedMessage(Topic, SubscriptionStatus.Replaced, newest));
        await AppendAsync(1);

        (await next).Should().BeOfType<EventsReceived>().Which.Events.Single().Seq.Should().Be(server.Topic(Topic).Head);
    }

    [Fact]
    public async Task Subscribe_SlowConsumer_LeavesTheTopicAndComesBackByCursor()
    {
        await using var client = new RealtimeHubClient(Clients.OptionsFor(server) with { MaxBufferedEvents = 10 });
        await using var reading = new Reading(client, Topic, SubscribeFrom.Snapshot);
        await reading.NextAsync<SnapshotReceived>();

        await AppendAsync(100);
        await server.Changed.UntilAsync(() => server.RequestsOf<Unsubscribe>().Count == 1);

        Numbers(await reading.EventsAsync(100)).Should().Equal(Enumerable.Range(0, 100));
    }

    private static IEnumerable<int> Numbers(IEnumerable<Event> events) => events.Select(e => e.Data.GetProperty("n").GetInt32());

    private async Task AppendAsync(int count)
    {
        for (var n = 0; n < count; n++)
        {
            await server.AppendAsync(Topic, "custom.number", new { n });
        }
    }
}
