using RealtimeHub.Contracts;

namespace RealtimeHub.Core.Tests.Delivery;

/// <summary>A topic that is removed from the log: whoever watches it is told, and what comes under its name is another.</summary>
public sealed class RemovedTopicTests
{
    [Fact]
    public async Task Removed_OpenSubscriptions_EndAsRevoked()
    {
        await using var node = await DeliveryNode.StartAsync();
        var (conversation, other) = (node.Conversation(), node.Conversation("c2"));
        await conversation.CreateAsync("ada", "bob");
        await other.CreateAsync("ada");
        var (ada, bob) = (node.Connect(), node.Connect("bob"));
        await ada.SubscribeAsync(conversation, reference: "r");
        await ada.SubscribeAsync(other);
        await bob.SubscribeAsync(conversation, SubscribeFrom.Snapshot);
        await bob.Connection.Until(c => c.Messages.Count == 1);

        await RemoveAsync(node, conversation);

        await ada.Connection.UntilStatus(SubscriptionStatus.Revoked);
        await bob.Connection.UntilStatus(SubscriptionStatus.Revoked);
        ada.Connection.Messages[^1].Should().Be(new SubscriptionChangedMessage(conversation.Topic, SubscriptionStatus.Revoked, "r", "removed"));
        (await ada.SubscribeAsync(conversation)).Status.Should().Be(SubscribeStatus.NotFound);
        await ada.Connection.UntilSequence(await other.SayAsync());
        (ada.Connection.Ends, node.Errors.Count).Should().Be((0, 0));
    }

    [Fact]
    public async Task Removed_ClientIsStalled_IsToldWhenItReadsAgain()
    {
        await using var node = await DeliveryNode.StartAsync(o => (o.RingEvents, o.RingMaxEvents) = (3, 3));
        var conversation = node.Conversation();
        await conversation.CreateAsync("ada");
        var client = node.Connect();
        await client.SubscribeAsync(conversation);
        client.Connection.Stall();
        var first = await conversation.SayAsync();
        await client.Connection.Until(c => c.Pending == 1);
        await node.TailAt(await conversation.SayManyAsync(20));

        await RemoveAsync(node, conversation);
        client.Connection.Resume();

        await client.Connection.UntilStatus(SubscriptionStatus.Revoked);
        client.Connection.Sequences.Should().Equal(first);
    }

    [Fact]
    public async Task MadeAnew_SubscriptionsSeeTheNewOneAlone()
    {
        await using var node = await DeliveryNode.StartAsync();
        var conversation = node.Conversation();
        await conversation.CreateAsync("ada");
        var client = node.Connect();
        await client.SubscribeAsync(conversation);
        await client.Connection.UntilSequence(await conversation.SayAsync("Old."));
        var cursor = client.Connection.Messages.OfType<EventsMessage>().Last().Cursor;
        await RemoveAsync(node, conversation);
        await client.Connection.UntilStatus(SubscriptionStatus.Revoked);

        var anew = new ConversationScript(node.Log, "c1", prefix: "anew-");
        await anew.CreateAsync("ada");
        await anew.SayAsync("New.");
        var resumed = await client.ResumeAsync(anew, cursor);
        var last = await anew.SayAsync();
        await client.Connection.UntilSequence(last);

        resumed.Status.Should().Be(SubscribeStatus.Reset);
        var snapshot = client.Connection.Messages.OfType<SnapshotMessage>().Single();
        snapshot.State.GetProperty("messages").EnumerateArray().Select(m => m.GetProperty("text").GetString()).Should().Equal("New.");
        client.Connection.Sequences[^1].Should().Be(last);
    }

    [Fact]
    public async Task Removed_NobodyWatches_NothingHappens()
    {
        await using var node = await DeliveryNode.StartAsync();
        var conversation = node.Conversation();
        await conversation.CreateAsync("ada");

        await RemoveAsync(node, conversation);

        (await node.Connect().SubscribeAsync(conversation, SubscribeFrom.Earliest)).Status.Should().Be(SubscribeStatus.NotFound);
    }

    private static async Task RemoveAsync(DeliveryNode node, ConversationScript conversation)
    {
        await node.Log.RemoveTopicAsync(conversation.Key, long.MaxValue, TestContext.Current.CancellationToken);
        await node.Folds.ForgetAsync(conversation.Key, TestContext.Current.CancellationToken);
        node.Feeds.TopicRemoved(conversation.Key);
    }
}
