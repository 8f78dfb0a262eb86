using RealtimeHub.Contracts;

namespace RealtimeHub.Core.Tests.Delivery;

/// <summary>A slow client costs a cursor: nothing is queued for it, nobody waits for it, and it misses nothing.</summary>
public sealed class StallTests
{
    [Fact]
    public async Task Stalled_ManyEvents_QueuesNothingAndCatchesUpFromTheRing()
    {
        await using var node = await DeliveryNode.StartAsync();
        var conversation = node.Conversation();
        await conversation.CreateAsync("ada", "bob");
        var (slow, fast) = (node.Connect(), node.Connect("bob"));
        await slow.SubscribeAsync(conversation);
        await fast.SubscribeAsync(conversation);

        slow.Connection.Stall();
        var last = 0L;
        for (var i = 0; i < 100; i++)
        {
            last = await conversation.SayAsync();
            await fast.Connection.UntilSequence(last);
        }

        slow.Connection.MostPending.Should().Be(1);
        slow.Connection.Messages.Should().BeEmpty();
        slow.Connection.Resume();
        await slow.Connection.UntilSequence(last);

        slow.Connection.Sequences.Should().Equal(fast.Connection.Sequences).And.HaveCount(100);
        slow.Connection.Messages.Count.Should().BeLessThanOrEqualTo(3, "what gathered comes in batches");
        node.Pages.Reads.Should().Be(0);
        node.Json.EncodingsOf(last).Should().Be(1);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(500)]
    public async Task Stalled_RingMovedOn_CatchesUpFromTheLog(int pageEvents)
    {
        await using var node = await DeliveryNode.StartAsync(o =>
            (o.RingEvents, o.RingMaxEvents, o.PageEvents) = (5, 5, pageEvents));
        var conversation = node.Conversation();
        await conversation.CreateAsync("ada", "bob");
        var (slow, fast) = (node.Connect(), node.Connect("bob"));
        await slow.SubscribeAsync(conversation);
        await fast.SubscribeAsync(conversation);

        slow.Connection.Stall();
        var last = 0L;
        for (var i = 0; i < 40; i++)
        {
            last = await conversation.SayAsync();
            await fast.Connection.UntilSequence(last);
        }

        slow.Connection.MostPending.Should().Be(1);
        slow.Connection.Resume();
        await slow.Connection.UntilSequence(last);

        slow.Connection.Sequences.Should().Equal(fast.Connection.Sequences).And.HaveCount(40);
        node.Pages.Reads.Should().BePositive();
        node.Errors.Should().BeEmpty();
    }

    [Fact]
    public async Task Stalled_RingTimeOver_KeepsOnlyTheNewest()
    {
        await using var node = await DeliveryNode.StartAsync(o => o.RingEvents = 5);
        var conversation = node.Conversation();
        await conversation.CreateAsync("ada", "bob");
        var (slow, fast) = (node.Connect(), node.Connect("bob"));
        await slow.SubscribeAsync(conversation);
        await fast.SubscribeAsync(conversation);
        slow.Connection.Stall();
        await fast.Connection.UntilSequence(await conversation.SayManyAsync(20));

        // Young events stay although they are many; they go when they are old.
        await slow.Connection.Until(c => c.Pending == 1);
        node.Time.Advance(node.Options.RingTime * 2);
        await fast.Connection.UntilSequence(await conversation.SayAsync());
        slow.Connection.Resume();
        var last = await conversation.SayAsync();

        await slow.Connection.UntilSequence(last);
        slow.Connection.Sequences.Should().Equal(fast.Connection.Sequences);
    }

    [Fact]
    public async Task SlowClient_TakesAFrameAtATime_ReceivesEverythingInOrder()
    {
        await using var node = await DeliveryNode.StartAsync(o =>
            (o.RingEvents, o.RingMaxEvents, o.PageEvents, o.BatchBytes) = (4, 4, 3, 1));
        var conversation = node.Conversation();
        await conversation.CreateAsync("ada");
        var slow = node.Connect();
        await slow.SubscribeAsync(conversation, SubscribeFrom.Earliest);
        slow.Connection.Stall();

        var last = 0L;
        for (var i = 0; i < 30; i++)
        {
            last = await conversation.SayAsync();
            if (i % 3 == 0)
            {
                await slow.Connection.TakeAsync();
            }
        }

        slow.Connection.Resume();
        await slow.Connection.UntilSequence(last);
        slow.Connection.Sequences.Should().Equal(Enumerable.Range(1, (int)last).Select(s => (long)s));
        slow.Connection.MostPending.Should().Be(1);
    }

    [Fact]
    public async Task TwoTopics_OneConnectionCatchesUp_TheyTakeTurns()
    {
        await using var node = await DeliveryNode.StartAsync(o => (o.BatchBytes, o.FramesPerTurn) = (1, 2));
        var (a, b) = (node.Conversation("a"), node.Conversation("b"));
        await a.CreateAsync("ada", "bob");
        await b.CreateAsync("ada", "bob");
        var (client, witness) = (node.Connect(), node.Connect("bob"));
        await witness.SubscribeAsync(a);
        await witness.SubscribeAsync(b);
        await client.SubscribeAsync(a);
        await client.SubscribeAsync(b);
        client.Connection.Stall();
        await a.SayAsync();
        await client.Connection.Until(c => c.Pending == 1);
        var lastOfA = await a.SayManyAsync(40);
        var lastOfB = await b.SayManyAsync(40);
        await witness.Connection.UntilSequence(lastOfA);
        await witness.Connection.UntilSequence(lastOfB);

        client.Connection.Resume();

        await client.Connection.UntilSequence(lastOfA);
        await client.Connection.UntilSequence(lastOfB);
        var topics = client.Connection.Messages.Cast<EventsMessage>().Select(m => m.Topic).ToList();
        topics.Should().HaveCount(81);
        LongestRun(topics.SkipLast(3)).Should().BeLessThanOrEqualTo(4, "neither waits until the other has everything");
    }

    [Fact]
    public async Task Stalled_BehindForLong_IsToldBehindAndThenLive()
    {
        await using var node = await DeliveryNode.StartAsync(o => o.ProgressTimeout = TimeSpan.FromHours(1));
        var conversation = node.Conversation();
        await conversation.CreateAsync("ada");
        var client = node.Connect();
        await client.SubscribeAsync(conversation, reference: "r");
        client.Connection.Stall();
        await conversation.SayAsync();
        await client.Connection.Until(c => c.Pending == 1);
        var last = await conversation.SayAsync();
        await node.TailAt(last);

        node.PassTime(TimeSpan.FromSeconds(7));
        client.Connection.Resume();

        await client.Connection.UntilStatus(SubscriptionStatus.Live);
        client.Connection.Messages.OfType<SubscriptionChangedMessage>().Should().Equal(
            new SubscriptionChangedMessage(conversation.Topic, SubscriptionStatus.Behind, "r"),
            new SubscriptionChangedMessage(conversation.Topic, SubscriptionStatus.Live, "r"));
        client.Connection.Messages[^1].Should().BeOfType<SubscriptionChangedMessage>("it is live when it has everything");
        client.Connection.Sequences.Should().Equal(last - 1, last);
    }

    [Fact]
    public async Task Stalled_BehindByManyEvents_IsToldBehindAndThenLive()
    {
        await using var node = await DeliveryNode.StartAsync(o => o.BehindEvents = 10);
        var conversation = node.Conversation();
        await conversation.CreateAsync("ada");
        var client = node.Connect();
        await client.SubscribeAsync(conversation);
        client.Connection.Stall();
        await conversation.SayAsync();
        await client.Connection.Until(c => c.Pending == 1);
        await node.TailAt(await conversation.SayManyAsync(20));

        node.PassTime(TimeSpan.FromSeconds(2));
        client.Connection.Resume();

        await client.Connection.UntilStatus(SubscriptionStatus.Live);
        client.Connection.Statuses.Should().Equal(SubscriptionStatus.Behind, SubscriptionStatus.Live);
        client.Connection.Sequences.Should().HaveCount(21);
    }

    [Fact]
    public async Task Stalled_ForAMoment_IsToldNothing()
    {
        await using var node = await DeliveryNode.StartAsync();
        var conversation = node.Conversation();
        await conversation.CreateAsync("ada");
        var client = node.Connect();
        await client.SubscribeAsync(conversation);
        client.Connection.Stall();
        await conversation.SayAsync();
        await client.Connection.Until(c => c.Pending == 1);
        var last = await conversation.SayAsync();
        node.PassTime(TimeSpan.FromSeconds(3));
        client.Connection.Resume();
        await client.Connection.UntilSequence(last);
        node.PassTime(TimeSpan.FromSeconds(6));

        client.Connection.Statuses.Should().BeEmpty();
    }

    [Fact]
    public async Task Stalled_NoProgress_IsEndedOnceAsSlowConsumer()
    {
        await using var node = await DeliveryNode.StartAsync();
        var conversation = node.Conversation();
        await conversation.CreateAsync("ada", "bob");
        var (slow, fast) = (node.Connect(), node.Connect("bob"));
        await slow.SubscribeAsync(conversation);
        await fast.SubscribeAsync(conversation);
        slow.Connection.Stall();
        var last = await conversation.SayAsync();
        await slow.Connection.Until(c => c.Pending == 1);
        await fast.Connection.UntilSequence(last);

        node.PassTime(TimeSpan.FromSeconds(9));
        slow.Connection.Ends.Should().Be(0);
        await node.PassTimeUntil(() => slow.Connection.Ends > 0);
        node.PassTime(TimeSpan.FromSeconds(5));

        slow.Connection.Ends.Should().Be(1);
        slow.Connection.PendingMessages.OfType<ClosingMessage>().Should().ContainSingle()
            .Which.Should().BeEquivalentTo(new { Code = ClosingCode.SlowConsumer, Reconnect = true });
        fast.Connection.Ends.Should().Be(0);
    }

    [Fact]
    public async Task SlowClient_SomeProgress_IsNotEnded()
    {
        await using var node = await DeliveryNode.StartAsync(o => o.BatchBytes = 1);
        var conversation = node.Conversation();
        await conversation.CreateAsync("ada");
        var slow = node.Connect();
        await slow.SubscribeAsync(conversation);
        slow.Connection.Stall();
        await conversation.SayManyAsync(10);
        for (var i = 0; i < 5; i++)
        {
            node.PassTime(TimeSpan.FromSeconds(6));
            await slow.Connection.TakeAsync();
            await slow.Connection.Until(c => c.Pending == 1);
        }

        slow.Connection.Ends.Should().Be(0);
    }

    [Fact]
    public async Task Ended_ComesBackByCursor_MissesNothing()
    {
        await using var node = await DeliveryNode.StartAsync();
        var conversation = node.Conversation();
        await conversation.CreateAsync("ada");
        var client = node.Connect();
        await client.SubscribeAsync(conversation);
        var seen = await conversation.SayAsync();
        await client.Connection.UntilSequence(seen);
        client.Connection.Stall();
        var lost = await conversation.SayAsync();
        await client.Connection.Until(c => c.Pending == 1);
        client.Disconnect();
        var last = await conversation.SayAsync();

        var again = node.Connect();
        await again.ResumeAsync(conversation, ((EventsMessage)client.Connection.Messages[^1]).Cursor);

        await again.Connection.UntilSequence(last);
        again.Connection.Sequences.Should().Equal(lost, last);
    }

    private static int LongestRun(IEnumerable<string> items)
    {
        var (longest, length, before) = (0, 0, "");
        foreach (var item in items)
        {
            (length, before) = (item == before ? length + 1 : 1, item);
            longest = Math.Max(longest, length);
        }

        return longest;
    }
}
