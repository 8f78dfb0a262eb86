namespace RealtimeHub.Core.Tests.Delivery;

/// <summary>Feeds go when nobody watches, and come back.</summary>
public sealed class IdleTests
{
    [Fact]
    public async Task Feed_LastConnectionGone_GoesAwayAfterAWhile()
    {
        await using var node = await DeliveryNode.StartAsync();
        var conversation = node.Conversation();
        await conversation.CreateAsync("ada", "bob");
        var (client, other) = (node.Connect(), node.Connect("bob"));
        await client.SubscribeAsync(conversation);
        await other.SubscribeAsync(conversation);

        client.Disconnect();
        node.PassTime(TimeSpan.FromSeconds(40));
        node.Feeds.Count.Should().Be(1, "somebody still watches");
        other.Disconnect();
        node.PassTime(TimeSpan.FromSeconds(20));
        node.Feeds.Count.Should().Be(1, "it may come back");
        await node.PassTimeUntil(() => node.Feeds.Count == 0);
    }

    [Fact]
    public async Task Feed_GoneAway_BeginsAnewForTheNext()
    {
        await using var node = await DeliveryNode.StartAsync();
        var conversation = node.Conversation();
        await conversation.CreateAsync("ada");
        var client = node.Connect();
        await client.SubscribeAsync(conversation);
        await client.UnsubscribeAsync(conversation);
        await node.PassTimeUntil(() => node.Feeds.Count == 0);
        var unseen = await conversation.SayAsync();

        await client.SubscribeAsync(conversation);
        var next = await conversation.SayAsync();

        await client.Connection.UntilSequence(next);
        client.Connection.Sequences.Should().Equal(next).And.NotContain(unseen);
        node.Feeds.Count.Should().Be(1);
    }

    [Fact]
    public async Task Feed_NothingButRefusals_GoesAwayAtOnce()
    {
        await using var node = await DeliveryNode.StartAsync(o => o.FeedIdleTime = TimeSpan.FromDays(1));
        await node.Connect().SubscribeAsync("conversation:none");

        await node.PassTimeUntil(() => node.Feeds.Count == 0);
    }

    [Fact]
    public async Task Disconnect_WhileStalled_FreesTheFeed()
    {
        await using var node = await DeliveryNode.StartAsync();
        var conversation = node.Conversation();
        await conversation.CreateAsync("ada");
        var client = node.Connect();
        await client.SubscribeAsync(conversation);
        client.Connection.Stall();
        await conversation.SayAsync();
        await client.Connection.Until(c => c.Pending == 1);

        client.Disconnect();

        await node.PassTimeUntil(() => node.Feeds.Count == 0);
        client.Connection.Ends.Should().Be(0);
        node.Errors.Should().BeEmpty();
    }
}
