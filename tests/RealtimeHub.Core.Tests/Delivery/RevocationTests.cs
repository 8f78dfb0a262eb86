using RealtimeHub.Contracts;

namespace RealtimeHub.Core.Tests.Delivery;

/// <summary>Permission is part of delivery: what ends it is the last thing that is delivered.</summary>
public sealed class RevocationTests
{
    [Fact]
    public async Task Revoked_Live_DeliversTheEventThatEndedItAndNothingAfter()
    {
        await using var node = await DeliveryNode.StartAsync();
        var (client, witness, conversation) = await TwoAsync(node);

        var before = await conversation.SayAsync();
        var left = await conversation.LeaveAsync("ada");
        await conversation.SayAsync();
        await witness.Connection.UntilSequence(await conversation.SayAsync());

        await client.Connection.UntilStatus(SubscriptionStatus.Revoked);
        client.Connection.Sequences.Should().Equal(before, left);
        client.Connection.Messages[^1].Should().Be(new SubscriptionChangedMessage(
            conversation.Topic, Ref: "r", Status: SubscriptionStatus.Revoked, Reason: EventTypes.ParticipantLeft));
        (await client.SubscribeAsync(conversation)).Status.Should().Be(SubscribeStatus.NotFound);
    }

    [Fact]
    public async Task Revoked_InTheMiddleOfABatch_DeliversNothingAfter()
    {
        await using var node = await DeliveryNode.StartAsync();
        var (client, witness, conversation) = await TwoAsync(node);
        var ada = new Participant { Kind = SubjectKind.User, Id = "ada" };

        var last = await conversation.AppendAsync(
            conversation.Make(EventTypes.MessageCreated, new MessageCreated("m1", MessageRole.User, "before")),
            conversation.Make(EventTypes.ParticipantLeft, new ParticipantChanged(ada)),
            conversation.Make(EventTypes.MessageCreated, new MessageCreated("m2", MessageRole.User, "after")),
            conversation.Make(EventTypes.ParticipantJoined, new ParticipantChanged(ada)),
            conversation.Make(EventTypes.MessageCreated, new MessageCreated("m3", MessageRole.User, "after")));

        await witness.Connection.UntilSequence(last);
        await client.Connection.UntilStatus(SubscriptionStatus.Revoked);
        client.Connection.Sequences.Should().Equal(last - 4, last - 3);
        witness.Connection.Sequences.Should().HaveCount(5);
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(3)]
    public async Task Revoked_WhileStalled_DeliversUpToTheEventThatEndedIt(int ringEvents)
    {
        await using var node = await DeliveryNode.StartAsync(o => (o.RingEvents, o.RingMaxEvents, o.PageEvents) = (ringEvents, ringEvents, 2));
        var (client, witness, conversation) = await TwoAsync(node);
        client.Connection.Stall();
        var first = await conversation.SayAsync();
        await client.Connection.Until(c => c.Pending == 1);
        await conversation.SayManyAsync(5);
        var left = await conversation.LeaveAsync("ada");
        await conversation.SayManyAsync(5);
        await conversation.JoinAsync("ada");
        await witness.Connection.UntilSequence(await conversation.SayManyAsync(5));

        client.Connection.Resume();

        await client.Connection.UntilStatus(SubscriptionStatus.Revoked);
        await witness.Connection.UntilSequence(await conversation.SayAsync());
        client.Connection.Sequences.Should().Equal(Range(first, left));
        client.Connection.Messages[^1].Should().BeOfType<SubscriptionChangedMessage>();
    }

    [Fact]
    public async Task Revoked_WhileCatchingUpFromTheLog_DeliversUpToTheEventThatEndedIt()
    {
        await using var node = await DeliveryNode.StartAsync(o => (o.RingEvents, o.RingMaxEvents, o.PageEvents, o.BatchBytes) = (3, 3, 2, 1));
        var conversation = node.Conversation();
        await conversation.CreateAsync("ada", "bob");
        await conversation.SayManyAsync(20);
        var (client, witness) = (node.Connect(), node.Connect("bob"));
        await witness.SubscribeAsync(conversation);
        client.Connection.Stall();
        await client.SubscribeAsync(conversation, SubscribeFrom.Earliest);
        await client.Connection.TakeAsync();
        await client.Connection.TakeAsync();
        await client.Connection.TakeAsync();

        var left = await conversation.LeaveAsync("ada");
        await witness.Connection.UntilSequence(await conversation.SayManyAsync(5));
        client.Connection.Resume();

        await client.Connection.UntilStatus(SubscriptionStatus.Revoked);
        client.Connection.Sequences.Should().Equal(Range(1, left));
    }

    [Fact]
    public async Task Revoked_BeforeItsSnapshotCouldBeWritten_SendsNoneOfTheState()
    {
        await using var node = await DeliveryNode.StartAsync();
        var (client, witness, conversation) = await TwoAsync(node);
        client.Connection.Stall();
        await conversation.SayAsync();
        await client.Connection.Until(c => c.Pending == 1);
        await client.SubscribeAsync(conversation, SubscribeFrom.Snapshot, reference: "new");

        await conversation.LeaveAsync("ada");
        await witness.Connection.UntilSequence(await conversation.SayAsync("Not for ada."));
        client.Connection.Resume();

        await client.Connection.UntilStatus(SubscriptionStatus.Revoked);
        client.Connection.Messages.OfType<SnapshotMessage>().Should().BeEmpty("it would hold what came after the permission ended");
    }

    [Fact]
    public async Task Revoked_JoinedAgain_MustSubscribeAgain()
    {
        await using var node = await DeliveryNode.StartAsync();
        var (client, witness, conversation) = await TwoAsync(node);
        var left = await conversation.LeaveAsync("ada");
        await client.Connection.UntilStatus(SubscriptionStatus.Revoked);

        await conversation.JoinAsync("ada");
        await witness.Connection.UntilSequence(await conversation.SayAsync());
        client.Connection.Sequences.Should().Equal(left);
        (await client.SubscribeAsync(conversation)).Status.Should().Be(SubscribeStatus.Ok);
        var next = await conversation.SayAsync();

        await client.Connection.UntilSequence(next);
        client.Connection.Sequences.Should().Equal(left, next);
    }

    [Fact]
    public async Task Revoked_SubscriptionsOfOthers_GoOn()
    {
        await using var node = await DeliveryNode.StartAsync();
        var (client, witness, conversation) = await TwoAsync(node);
        var admin = node.Connect("carol", scopes: [Scopes.Admin]);
        await admin.SubscribeAsync(conversation);

        await conversation.LeaveAsync("ada");
        var last = await conversation.SayAsync();

        await witness.Connection.UntilSequence(last);
        await admin.Connection.UntilSequence(last);
        await client.Connection.UntilStatus(SubscriptionStatus.Revoked);
        node.Feeds.Find(conversation.Key).Should().NotBeNull();
    }

    [Theory]
    [InlineData(EventTypes.RunCompleted)]
    [InlineData(EventTypes.RunFailed)]
    [InlineData(EventTypes.RunCancelled)]
    public async Task Agent_SeesTheConversation_WhileItHasAnOpenRun(string end)
    {
        await using var node = await DeliveryNode.StartAsync();
        var conversation = node.Conversation();
        await conversation.CreateAsync("ada");
        var agent = node.ConnectAgent("writer");
        (await agent.SubscribeAsync(conversation)).Status.Should().Be(SubscribeStatus.NotFound);

        var (first, second) = (await conversation.RunAsync("writer"), await conversation.RunAsync("writer"));
        (await agent.SubscribeAsync(conversation)).Status.Should().Be(SubscribeStatus.Ok);
        (await node.ConnectAgent("editor").SubscribeAsync(conversation)).Status.Should().Be(SubscribeStatus.NotFound);
        await conversation.EndRunAsync(first);
        var said = await conversation.SayAsync();
        await agent.Connection.UntilSequence(said);
        agent.Connection.Statuses.Should().BeEmpty("another run is open");

        var ended = await conversation.AppendAsync(end switch
        {
            EventTypes.RunCompleted => conversation.Make(end, new RunCompleted(second), second, Subject.Agent("writer")),
            EventTypes.RunFailed => conversation.Make(end, new RunFailed(second, new RunError("timeout", "Late.")), second, Subject.System),
            _ => conversation.Make(end, new RunCancelled(second), second, Subject.System),
        });
        await conversation.SayAsync();

        await agent.Connection.UntilStatus(SubscriptionStatus.Revoked);
        agent.Connection.Sequences.Should().EndWith([said, ended]);
    }

    private static async Task<(TestClient Client, TestClient Witness, ConversationScript Conversation)> TwoAsync(DeliveryNode node)
    {
        var conversation = node.Conversation();
        await conversation.CreateAsync("ada", "bob");
        var (client, witness) = (node.Connect(), node.Connect("bob"));
        await client.SubscribeAsync(conversation, reference: "r");
        await witness.SubscribeAsync(conversation);
        return (client, witness, conversation);
    }

    private static IEnumerable<long> Range(long first, long last) => Enumerable.Range((int)first, (int)(last - first + 1)).Select(s => (long)s);
}
