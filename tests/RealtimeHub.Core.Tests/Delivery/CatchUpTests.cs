using RealtimeHub.Contracts;

namespace RealtimeHub.Core.Tests.Delivery;

/// <summary>Replay and live are one mechanism; what is old is not for ever, and delays nobody.</summary>
public sealed class CatchUpTests
{
    [Fact]
    public async Task Resume_ThroughTheMiddleOfAnOpenMessage_ContinuesWithoutAHole()
    {
        await using var node = await DeliveryNode.StartAsync(o => (o.RingEvents, o.RingMaxEvents, o.PageEvents) = (2, 2, 3));
        var conversation = node.Conversation();
        await conversation.CreateAsync("ada");
        var run = await conversation.RunAsync();
        var message = await conversation.StartAsync(run);
        var client = node.Connect();
        await client.SubscribeAsync(conversation, SubscribeFrom.Earliest);
        await client.Connection.UntilSequence(await conversation.DeltaAsync(message));
        client.Disconnect();
        await conversation.DeltasAsync(message, 20);

        var again = node.Connect();
        await again.ResumeAsync(conversation, ((EventsMessage)client.Connection.Messages[^1]).Cursor);
        await again.Connection.UntilSequence(await conversation.DeltaAsync(message));

        TextOf(client.Connection.Events.Concat(again.Connection.Events), message).Should().Be(conversation.TextOf(message));
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(2)]
    public async Task CatchUp_MessageIsComplete_LeavesItsDeltasOut(int ringEvents)
    {
        await using var node = await DeliveryNode.StartAsync(o => (o.RingEvents, o.RingMaxEvents, o.PageEvents) = (ringEvents, ringEvents, 3));
        var conversation = node.Conversation();
        await conversation.CreateAsync("ada", "bob");
        var (slow, fast) = (node.Connect(), node.Connect("bob"));
        await slow.SubscribeAsync(conversation);
        await fast.SubscribeAsync(conversation);
        var message = await conversation.StartAsync(await conversation.RunAsync());
        await slow.Connection.UntilSequence(await conversation.DeltaAsync(message));
        slow.Connection.Stall();
        await conversation.DeltaAsync(message);
        await slow.Connection.Until(c => c.Pending == 1);
        for (var i = 0; i < 10; i++)
        {
            await fast.Connection.UntilSequence(await conversation.DeltaAsync(message));
        }

        var completed = await conversation.CompleteAsync(message);
        var last = await conversation.SayAsync();
        await fast.Connection.UntilSequence(last);

        slow.Connection.Resume();

        await slow.Connection.UntilSequence(last);
        slow.Connection.Events.Count(e => e.Type == EventTypes.MessageDelta).Should().Be(2, "those were written while it was open");
        slow.Connection.Sequences.Should().EndWith([completed, last]);
        fast.Connection.Events.Count(e => e.Type == EventTypes.MessageDelta).Should().Be(12);
    }

    [Fact]
    public async Task CatchUp_CompleteHistory_ReadsTheStateLaneAlone()
    {
        await using var node = await DeliveryNode.StartAsync();
        var conversation = node.Conversation();
        await conversation.CreateAsync("ada");
        var message = await conversation.StartAsync(await conversation.RunAsync());
        await conversation.DeltasAsync(message, 2000);
        var completed = await conversation.CompleteAsync(message);
        var client = node.Connect();

        await client.SubscribeAsync(conversation, SubscribeFrom.Earliest);

        await client.Connection.UntilSequence(completed);
        client.Connection.Sequences.Should().Equal(1, 2, 3, 4, completed);
        node.Pages.Reads.Should().Be(1);
    }

    [Fact]
    public async Task CatchUp_OldestOpenMessageMoves_NeverLeavesAHole()
    {
        // Every point of the history at which a slow client may stand when the oldest open message is completed.
        for (var taken = 0; taken < 30; taken++)
        {
            await using var node = await DeliveryNode.StartAsync(o =>
                (o.RingEvents, o.RingMaxEvents, o.PageEvents, o.BatchBytes) = (1, 1, 2, 1));
            var conversation = node.Conversation();
            await conversation.CreateAsync("ada");
            var run = await conversation.RunAsync();
            var (a, b) = (await conversation.StartAsync(run), "");
            await conversation.DeltasAsync(a, 3);
            b = await conversation.StartAsync(run);
            for (var i = 0; i < 8; i++)
            {
                await conversation.DeltaAsync(a);
                await conversation.DeltaAsync(b);
            }

            var client = node.Connect();
            client.Connection.Stall();
            await client.SubscribeAsync(conversation, SubscribeFrom.Earliest);
            for (var i = 0; i < taken && i < node.Log.Events.Count - 1; i++)
            {
                await client.Connection.TakeAsync();
            }

            await conversation.CompleteAsync(a);
            await conversation.DeltasAsync(b, 3);
            client.Connection.Resume();
            await client.Connection.UntilSequence(await conversation.DeltaAsync(b));

            TextOf(client.Connection.Events, b).Should().Be(conversation.TextOf(b));
            conversation.TextOf(a).Should().StartWith(TextOf(client.Connection.Events, a));
            client.Connection.Events.Count(e => e.Type == EventTypes.MessageCompleted).Should().Be(1);
        }
    }

    [Fact]
    public async Task LiveWithMoreThanATurn_RingMovesOn_LeavesNoHole()
    {
        await using var node = await DeliveryNode.StartAsync(o =>
            (o.RingEvents, o.RingMaxEvents, o.PageEvents, o.BatchBytes, o.FramesPerTurn) = (12, 12, 3, 1, 2));
        var conversation = node.Conversation();
        await conversation.CreateAsync("ada");
        var run = await conversation.RunAsync();
        var (a, b) = (await conversation.StartAsync(run), "");
        var client = node.Connect();
        await client.SubscribeAsync(conversation);
        using var goOn = new ManualResetEventSlim();
        client.Connection.OnWrite = _ => goOn.Wait(TestContext.Current.CancellationToken);

        // The feed takes ten deltas and writes a turn's worth of them. What comes meanwhile pushes the others out of the ring.
        var last = await conversation.DeltasAsync(a, 10);
        await client.Connection.UntilWriting();
        await conversation.DeltasAsync(a, 5);
        b = await conversation.StartAsync(run);
        await conversation.DeltasAsync(a, 5);
        await conversation.CompleteAsync(a);
        last = await conversation.DeltasAsync(b, 20);
        await node.TailAt(last);
        goOn.Set();

        await client.Connection.UntilSequence(last);
        conversation.TextOf(a).Should().StartWith(TextOf(client.Connection.Events, a));
        TextOf(client.Connection.Events, b).Should().Be(conversation.TextOf(b));
    }

    [Fact]
    public async Task CatchUp_LongHistory_DelaysNobodyWhoIsLive()
    {
        await using var node = await DeliveryNode.StartAsync(o => (o.RingEvents, o.RingMaxEvents, o.PageEvents, o.BatchBytes) = (2, 2, 2, 1));
        var conversation = node.Conversation();
        await conversation.CreateAsync("ada", "bob");
        await conversation.SayManyAsync(2000);
        var (live, reader) = (node.Connect(), node.Connect("bob"));
        await live.SubscribeAsync(conversation);
        Task<long>? said = null;
        var (written, writtenWhenLive) = (0, 0);
        live.Connection.OnWrite = _ => writtenWhenLive = Volatile.Read(ref written);
        reader.Connection.OnWrite = _ =>
        {
            if (++written == 10)
            {
                // The event stands in the feed's mailbox before the reader gets its next frame.
                said = conversation.SayAsync();
                SpinWait.SpinUntil(() => node.Tail.Position == 2002, TimeSpan.FromSeconds(10)).Should().BeTrue();
            }
        };

        await reader.SubscribeAsync(conversation, SubscribeFrom.Earliest);

        await live.Connection.UntilSequence(2002);
        await reader.Connection.UntilSequence(2002);
        (await said!).Should().Be(2002);
        writtenWhenLive.Should().BeLessThan(1000, "the history is long, and the live client waits for none of it");
    }

    [Fact]
    public async Task CatchUp_EventWithoutAPlace_IsNotDelivered()
    {
        await using var node = await DeliveryNode.StartAsync();
        var conversation = node.Conversation();
        await conversation.CreateAsync("ada");
        var run = await conversation.RunAsync();
        var message = await conversation.StartAsync(run);
        await conversation.DeltaAsync(message);
        var misplaced = await conversation.AppendAsync(
            conversation.Make(EventTypes.MessageDelta, new MessageDelta("never-started", "lost", 0)),
            conversation.Make(EventTypes.MessageDelta, new MessageDelta(message, "again", 0)));
        var last = await conversation.DeltaAsync(message);
        var client = node.Connect();

        await client.SubscribeAsync(conversation, SubscribeFrom.Earliest);

        await client.Connection.UntilSequence(last);
        client.Connection.Sequences.Should().NotContain([misplaced - 1, misplaced]);
        TextOf(client.Connection.Events, message).Should().Be(conversation.TextOf(message));
    }

    [Fact]
    public async Task CatchUp_SecondEndOfARun_IsNotDelivered()
    {
        await using var node = await DeliveryNode.StartAsync();
        var conversation = node.Conversation();
        await conversation.CreateAsync("ada");
        var run = await conversation.RunAsync();
        var ended = await conversation.EndRunAsync(run);
        var second = await conversation.AppendAsync(conversation.Make(EventTypes.RunCancelled, new RunCancelled(run), run, Subject.System));
        var last = await conversation.SayAsync();
        var client = node.Connect();

        await client.SubscribeAsync(conversation, SubscribeFrom.Earliest);

        await client.Connection.UntilSequence(last);
        client.Connection.Sequences.Should().Contain(ended).And.NotContain(second);
    }

    /// <summary>What a client makes of a message's deltas; fails where they do not continue.</summary>
    private static string TextOf(IEnumerable<Event> events, string message)
    {
        var text = "";
        foreach (var e in events.Where(e => e.Type == EventTypes.MessageDelta))
        {
            if (e.Data.GetProperty("messageId").GetString() == message)
            {
                e.Data.GetProperty("offset").GetInt32().Should().Be(text.Length, "sequence {0} continues the message", e.Seq);
                text += e.Data.GetProperty("text").GetString();
            }
        }

        return text;
    }
}
