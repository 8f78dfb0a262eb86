using RealtimeHub.Contracts;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Tests.Delivery;

/// <summary>The ways to begin a subscription, and the ways not to.</summary>
public sealed class SubscribingTests
{
    [Fact]
    public async Task Subscribe_Latest_DeliversOnlyWhatComesNext()
    {
        await using var node = await DeliveryNode.StartAsync();
        var conversation = node.Conversation();
        await conversation.CreateAsync("ada");
        var client = node.Connect();

        var outcome = await client.SubscribeAsync(conversation, reference: "mine");
        var next = await conversation.SayAsync();

        await client.Connection.UntilSequence(next);
        client.Connection.Sequences.Should().Equal(next);
        outcome.Should().BeEquivalentTo(new { conversation.Topic, Ref = "mine", Status = SubscribeStatus.Ok });
        Cursor.Parse(outcome.Cursor!).Sequence.Should().Be(next - 1);
    }

    [Fact]
    public async Task Subscribe_Earliest_DeliversEverything()
    {
        await using var node = await DeliveryNode.StartAsync(o => o.PageEvents = 3);
        var conversation = node.Conversation();
        await conversation.CreateAsync("ada");
        await conversation.SayManyAsync(7);
        var client = node.Connect();

        (await client.SubscribeAsync(conversation, SubscribeFrom.Earliest)).Status.Should().Be(SubscribeStatus.Ok);
        var next = await conversation.SayAsync();

        await client.Connection.UntilSequence(next);
        client.Connection.Sequences.Should().Equal(1, 2, 3, 4, 5, 6, 7, 8, 9);
    }

    [Fact]
    public async Task Subscribe_Snapshot_SendsTheStateThenWhatFollowsIt()
    {
        await using var node = await DeliveryNode.StartAsync();
        var conversation = node.Conversation();
        await conversation.CreateAsync("ada");
        var head = await conversation.SayAsync("Before.");
        var client = node.Connect();

        (await client.SubscribeAsync(conversation, SubscribeFrom.Snapshot, reference: "s")).Status.Should().Be(SubscribeStatus.Ok);
        var next = await conversation.SayAsync("After.");

        await client.Connection.UntilSequence(next);
        var snapshot = client.Connection.Messages[0].Should().BeOfType<SnapshotMessage>().Subject;
        snapshot.State.GetProperty("seq").GetInt64().Should().Be(head);
        snapshot.State.GetProperty("messages")[0].GetProperty("text").GetString().Should().Be("Before.");
        (snapshot.Topic, snapshot.Ref, Cursor.Parse(snapshot.Cursor).Sequence).Should().Be((conversation.Topic, "s", head));
        client.Connection.Sequences.Should().Equal(next);
    }

    [Fact]
    public async Task Subscribe_Cursor_ResumesExactlyAfterEachMessage()
    {
        await using var node = await DeliveryNode.StartAsync(o => (o.PageEvents, o.BatchBytes) = (3, 1));
        var conversation = node.Conversation();
        await conversation.CreateAsync("ada");
        await conversation.SayManyAsync(5);
        var first = node.Connect();
        await first.SubscribeAsync(conversation, SubscribeFrom.Earliest);
        var last = await conversation.SayManyAsync(3);
        await first.Connection.UntilSequence(last);

        foreach (var message in first.Connection.Messages.Cast<EventsMessage>().SkipLast(1))
        {
            var client = node.Connect();
            (await client.ResumeAsync(conversation, message.Cursor)).Status.Should().Be(SubscribeStatus.Resumed);
            await client.Connection.UntilSequence(last);
            client.Connection.Sequences.Should().Equal(first.Connection.Sequences.Where(s => s > message.Events[^1].Seq));
        }
    }

    [Fact]
    public async Task Subscribe_CursorOfTheReply_ResumesFromTheStart()
    {
        await using var node = await DeliveryNode.StartAsync();
        var conversation = node.Conversation();
        await conversation.CreateAsync("ada");
        var first = node.Connect();
        var outcome = await first.SubscribeAsync(conversation);
        first.Disconnect();
        var next = await conversation.SayAsync();

        var client = node.Connect();
        await client.ResumeAsync(conversation, outcome.Cursor);

        await client.Connection.UntilSequence(next);
        client.Connection.Sequences.Should().Equal(next);
    }

    [Fact]
    public async Task Subscribe_CursorOfASnapshot_ResumesAfterIt()
    {
        await using var node = await DeliveryNode.StartAsync();
        var conversation = node.Conversation();
        await conversation.CreateAsync("ada");
        var first = node.Connect();
        await first.SubscribeAsync(conversation, SubscribeFrom.Snapshot);
        await first.Connection.Until(c => c.Messages.Count == 1);
        var next = await conversation.SayAsync();

        var client = node.Connect();
        await client.ResumeAsync(conversation, ((SnapshotMessage)first.Connection.Messages[0]).Cursor);

        await client.Connection.UntilSequence(next);
        client.Connection.Sequences.Should().Equal(next);
    }

    [Theory]
    [InlineData("epoch")]
    [InlineData("topic")]
    [InlineData("tenant")]
    [InlineData("future")]
    [InlineData("mark")]
    public async Task Subscribe_ForeignCursor_IsResetAndSendsASnapshot(string what)
    {
        await using var node = await DeliveryNode.StartAsync();
        var conversation = node.Conversation();
        await conversation.CreateAsync("ada");
        var last = await conversation.SayAsync();
        var mark = StateMark.Of(node.Log.Events[^1]);
        var cursor = what switch
        {
            "epoch" => Cursor.At(7, conversation.Key, last, mark),
            "topic" => Cursor.At(node.Log.Epoch, node.Conversation("other").Key, last, mark),
            "tenant" => Cursor.At(node.Log.Epoch, node.Conversation("c1", "umbrella").Key, last, mark),
            "future" => Cursor.At(node.Log.Epoch, conversation.Key, last + 1, mark),
            _ => Cursor.At(node.Log.Epoch, conversation.Key, last, mark with { IdBits = 1 }),
        };
        var client = node.Connect();

        var outcome = await client.ResumeAsync(conversation, cursor.ToString());
        var next = await conversation.SayAsync();

        await client.Connection.UntilSequence(next);
        (outcome.Status, Cursor.Parse(outcome.Cursor!).Sequence).Should().Be((SubscribeStatus.Reset, last));
        client.Connection.Messages[0].Should().BeOfType<SnapshotMessage>();
        client.Connection.Sequences.Should().Equal(next);
    }

    [Theory]
    [InlineData("bob", "acme")]
    [InlineData("ada", "umbrella")]
    public async Task Subscribe_NotAParticipant_IsNotFound(string user, string tenant)
    {
        await using var node = await DeliveryNode.StartAsync();
        var conversation = node.Conversation();
        await conversation.CreateAsync("ada");

        var outcome = await node.Connect(user, tenant: tenant).SubscribeAsync(conversation, SubscribeFrom.Snapshot, reference: "r");

        outcome.Should().Be(new SubscriptionOutcome(conversation.Topic, SubscribeStatus.NotFound, "r", Cursor: null));
    }

    [Fact]
    public async Task Subscribe_TopicWithoutEvents_IsNotFound()
    {
        await using var node = await DeliveryNode.StartAsync();

        (await node.Connect().SubscribeAsync("conversation:none")).Status.Should().Be(SubscribeStatus.NotFound);
    }

    [Fact]
    public async Task Subscribe_LetInAMomentAgo_IsNotRefusedByANodeThatLags()
    {
        await using var node = await DeliveryNode.StartAsync();
        var conversation = node.Conversation();
        await conversation.CreateAsync("bob");
        await node.Connect("bob").SubscribeAsync(conversation);
        var client = node.Connect();
        (await client.SubscribeAsync(conversation)).Status.Should().Be(SubscribeStatus.NotFound);

        node.HeldLog.Hold();
        var joined = await conversation.JoinAsync("ada");
        var subscribing = client.SubscribeAsync(conversation);
        node.HeldLog.LetGo();

        var outcome = await subscribing;
        (outcome.Status, Cursor.Parse(outcome.Cursor!).Sequence).Should().Be((SubscribeStatus.Ok, joined));
    }

    [Fact]
    public async Task Subscribe_CursorOfANodeThatIsAhead_GoesOnAfterIt()
    {
        await using var node = await DeliveryNode.StartAsync();
        var conversation = node.Conversation();
        await conversation.CreateAsync("ada");
        var client = node.Connect();
        await client.SubscribeAsync(conversation);
        await client.UnsubscribeAsync(conversation);
        node.HeldLog.Hold();
        var seen = await conversation.SayAsync();
        var cursor = Cursor.At(node.Log.Epoch, conversation.Key, seen, StateMark.Of(node.Log.Events[^1]));

        (await client.ResumeAsync(conversation, cursor.ToString())).Status.Should().Be(SubscribeStatus.Resumed);
        node.HeldLog.LetGo();
        var next = await conversation.SayAsync();

        await client.Connection.UntilSequence(next);
        client.Connection.Sequences.Should().Equal(next);
    }

    [Fact]
    public async Task Subscribe_ScopeMissing_IsForbidden()
    {
        await using var node = await DeliveryNode.StartAsync();
        var conversation = node.Conversation();
        await conversation.CreateAsync("ada");

        (await node.Connect(scopes: [Scopes.AgentsRead]).SubscribeAsync(conversation)).Status.Should().Be(SubscribeStatus.Forbidden);
    }

    [Fact]
    public async Task Subscribe_OverTheLimit_IsRefusedUntilOneIsGivenUp()
    {
        await using var node = await DeliveryNode.StartAsync(maxSubscriptions: 2);
        ConversationScript[] conversations = [node.Conversation("c1"), node.Conversation("c2"), node.Conversation("c3")];
        foreach (var conversation in conversations)
        {
            await conversation.CreateAsync("ada");
        }

        var client = node.Connect();
        (await client.SubscribeAsync(conversations[0])).Status.Should().Be(SubscribeStatus.Ok);
        (await client.SubscribeAsync(conversations[1])).Status.Should().Be(SubscribeStatus.Ok);
        (await client.SubscribeAsync(conversations[2])).Status.Should().Be(SubscribeStatus.Limit);
        (await client.SubscribeAsync(conversations[1])).Status.Should().Be(SubscribeStatus.Ok, "it takes the place of the one before");
        await client.UnsubscribeAsync(conversations[0]);
        (await client.SubscribeAsync(conversations[2])).Status.Should().Be(SubscribeStatus.Ok);
    }

    [Fact]
    public async Task Subscribe_ManyTopics_AnswersInTheirOrder()
    {
        await using var node = await DeliveryNode.StartAsync();
        await node.Conversation("mine").CreateAsync("ada");
        await node.Conversation("theirs").CreateAsync("bob");
        var client = node.Connect();
        SubscriptionRequest[] requests =
        [
            new() { Topic = "conversation:theirs", From = SubscribeFrom.Latest },
            new() { Topic = "conversation:mine", From = SubscribeFrom.Latest },
            new() { Topic = "agent:none", From = SubscribeFrom.Latest },
        ];

        var outcomes = await node.Subscriptions.SubscribeAsync(client.Caller, requests, TestContext.Current.CancellationToken);

        outcomes.Select(o => o.Status).Should().Equal(SubscribeStatus.NotFound, SubscribeStatus.Ok, SubscribeStatus.Forbidden);
    }

    [Fact]
    public async Task Subscribe_Again_IsReplacedBehindAFenceWithTheNewRef()
    {
        await using var node = await DeliveryNode.StartAsync();
        var conversation = node.Conversation();
        await conversation.CreateAsync("ada");
        var client = node.Connect();
        await client.SubscribeAsync(conversation, reference: "old");
        var before = await conversation.SayAsync();
        await client.Connection.UntilSequence(before);

        await client.SubscribeAsync(conversation, SubscribeFrom.Earliest, reference: "new");
        var after = await conversation.SayAsync();

        await client.Connection.UntilSequence(after);
        var fence = client.Connection.Messages.ToList().FindIndex(m => m is SubscriptionChangedMessage);
        client.Connection.Messages[fence].Should().Be(new SubscriptionChangedMessage(conversation.Topic, SubscriptionStatus.Replaced, "new"));
        client.Connection.Messages.Take(fence).Cast<EventsMessage>().SelectMany(m => m.Events).Select(e => e.Seq).Should().Equal(before);
        client.Connection.Messages.Skip(fence + 1).Cast<EventsMessage>().SelectMany(m => m.Events).Select(e => e.Seq).Should().Equal(1, before, after);
    }

    [Fact]
    public async Task Subscribe_AgainWhileStalled_PutsTheFenceBehindTheFrameUnderWay()
    {
        await using var node = await DeliveryNode.StartAsync();
        var conversation = node.Conversation();
        await conversation.CreateAsync("ada");
        var client = node.Connect();
        await client.SubscribeAsync(conversation, reference: "old");
        client.Connection.Stall();
        var underWay = await conversation.SayAsync();
        await client.Connection.Until(c => c.Pending == 1);
        await conversation.SayAsync();

        await client.SubscribeAsync(conversation, SubscribeFrom.Snapshot, reference: "new");
        await conversation.SayAsync();
        client.Connection.Resume();
        var last = await conversation.SayAsync();

        await client.Connection.UntilThrough(last);
        client.Connection.Messages[0].Should().BeOfType<EventsMessage>().Which.Events.Single().Seq.Should().Be(underWay);
        client.Connection.Messages[1].Should().Be(new SubscriptionChangedMessage(conversation.Topic, SubscriptionStatus.Replaced, "new"));
        var snapshot = client.Connection.Messages[2].Should().BeOfType<SnapshotMessage>().Subject;
        client.Connection.Sequences.Skip(1).Should().OnlyContain(s => s > snapshot.State.GetProperty("seq").GetInt64());
    }

    [Fact]
    public async Task Unsubscribe_Subscribed_DeliversNothingAfterwards()
    {
        await using var node = await DeliveryNode.StartAsync();
        var conversation = node.Conversation();
        await conversation.CreateAsync("ada", "bob");
        var (client, witness) = (node.Connect(), node.Connect("bob"));
        await client.SubscribeAsync(conversation);
        await witness.SubscribeAsync(conversation);
        var before = await conversation.SayAsync();
        await client.Connection.UntilSequence(before);

        await client.UnsubscribeAsync(conversation);
        await witness.Connection.UntilSequence(await conversation.SayAsync());
        await witness.Connection.UntilSequence(await conversation.SayAsync());

        client.Connection.Sequences.Should().Equal(before);
    }

    [Fact]
    public async Task Unsubscribe_Stalled_DeliversOnlyTheFrameUnderWayAndFreesTheConnection()
    {
        await using var node = await DeliveryNode.StartAsync();
        var (conversation, other) = (node.Conversation(), node.Conversation("c2"));
        await conversation.CreateAsync("ada");
        await other.CreateAsync("ada");
        var client = node.Connect();
        await client.SubscribeAsync(conversation);
        await client.SubscribeAsync(other);
        client.Connection.Stall();
        var underWay = await conversation.SayAsync();
        await client.Connection.Until(c => c.Pending == 1);
        await conversation.SayAsync();

        await client.UnsubscribeAsync(conversation);
        client.Connection.Resume();
        var fromOther = await other.SayAsync();

        await client.Connection.UntilSequence(fromOther);
        client.Connection.Sequences.Should().Equal(underWay, fromOther);
    }

    [Fact]
    public async Task Unsubscribe_NotSubscribed_IsNoError()
    {
        await using var node = await DeliveryNode.StartAsync();
        await node.Connect().UnsubscribeAsync(node.Conversation("never"));
    }
}
