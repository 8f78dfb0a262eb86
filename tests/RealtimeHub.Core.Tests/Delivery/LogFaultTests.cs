using RealtimeHub.Contracts;
using RealtimeHub.Core.Log;
using RealtimeHub.Specification;

namespace RealtimeHub.Core.Tests.Delivery;

/// <summary>What becomes of subscriptions when the log does not answer, or is another one.</summary>
public sealed class LogFaultTests
{
    [Fact]
    public async Task Subscribe_LogDown_FailsAndWorksLater()
    {
        await using var node = await DeliveryNode.StartAsync();
        var conversation = node.Conversation();
        await conversation.CreateAsync("ada");
        var client = node.Connect();
        await Deadline.Within(node.Tail.StartedAsync(TestContext.Current.CancellationToken));
        node.Log.Faults.IsDown = true;

        await FluentActions.Awaiting(() => client.SubscribeAsync(conversation)).Should().ThrowAsync<LogUnavailableException>();
        node.Log.Faults.IsDown = false;

        (await client.SubscribeAsync(conversation)).Status.Should().Be(SubscribeStatus.Ok);
        client.Connection.Ends.Should().Be(0);
    }

    [Fact]
    public async Task Live_LogDownForAWhile_MissesNothing()
    {
        await using var node = await DeliveryNode.StartAsync();
        var conversation = node.Conversation();
        await conversation.CreateAsync("ada");
        var client = node.Connect();
        await client.SubscribeAsync(conversation);
        var before = await conversation.SayAsync();
        await client.Connection.UntilSequence(before);

        node.Log.Faults.IsDown = true;
        node.Log.Faults.IsDown = false;
        var after = await conversation.SayAsync();

        await node.PassTimeUntil(() => client.Connection.Sequences.Contains(after));
        client.Connection.Sequences.Should().Equal(before, after);
        client.Connection.Statuses.Should().BeEmpty();
    }

    [Fact]
    public async Task CatchUp_LogDownForAWhile_GoesOnWhenItIsBack()
    {
        await using var node = await DeliveryNode.StartAsync(o => (o.RingEvents, o.RingMaxEvents, o.PageEvents) = (2, 2, 3));
        var conversation = node.Conversation();
        await conversation.CreateAsync("ada");
        var last = await conversation.SayManyAsync(20);
        var client = node.Connect();
        client.Connection.Stall();
        await client.SubscribeAsync(conversation, SubscribeFrom.Earliest);
        await client.Connection.Until(c => c.Pending == 1);

        node.Log.Faults.IsDown = true;
        client.Connection.Resume();
        node.PassTime(TimeSpan.FromSeconds(3));
        client.Connection.Sequences.Should().NotContain(last);
        node.Log.Faults.IsDown = false;

        await node.PassTimeUntil(() => client.Connection.Sequences.Contains(last));
        client.Connection.Sequences.Should().Equal(Enumerable.Range(1, 21).Select(s => (long)s));
        client.Connection.Ends.Should().Be(0);
    }

    [Fact]
    public async Task LogRenewed_Subscribed_IsResetToASnapshotOfTheNewLog()
    {
        await using var node = await DeliveryNode.StartAsync(o => o.ProgressTimeout = TimeSpan.FromDays(1));
        var conversation = node.Conversation();
        await conversation.CreateAsync("ada");
        await conversation.SayManyAsync(10, "Of the old log.");
        var client = node.Connect();
        var outcome = await client.SubscribeAsync(conversation, reference: "r");
        using (new NodeLogDown(node))
        {
            node.Log.Renew();
        }

        // Nobody can tell before the log is asked again; then it holds the conversation already.
        var script = node.Conversation();
        await script.CreateAsync("ada", "bob");
        var head = await script.SayAsync("Of the new log.");

        await node.PassTimeUntil(() => client.Connection.Messages.Count > 1);
        client.Connection.Messages[0].Should().BeEquivalentTo(new { script.Topic, Ref = "r", Status = SubscriptionStatus.Reset });
        await node.PassTimeUntil(() => client.Connection.Messages.OfType<SnapshotMessage>().Any());
        var next = await script.SayAsync();
        await client.Connection.UntilSequence(next);
        var snapshot = client.Connection.Messages.OfType<SnapshotMessage>().Last();
        snapshot.State.GetProperty("messages")[0].GetProperty("text").GetString().Should().Be("Of the new log.");
        Cursor.Parse(snapshot.Cursor).Epoch.Should().Be(node.Log.Epoch);
        client.Connection.Sequences.Should().OnlyContain(s => s >= head).And.EndWith(next);
        (await node.Connect().ResumeAsync(script, outcome.Cursor)).Status.Should().Be(SubscribeStatus.Reset);
        node.Errors.Should().BeEmpty();
    }

    [Fact]
    public async Task LogRenewed_PermissionGone_IsRevoked()
    {
        await using var node = await DeliveryNode.StartAsync();
        var conversation = node.Conversation();
        await conversation.CreateAsync("ada");
        await conversation.SayManyAsync(10);
        var client = node.Connect();
        await client.SubscribeAsync(conversation);
        using (new NodeLogDown(node))
        {
            node.Log.Renew();
        }

        await node.Conversation().CreateAsync("bob");

        await node.PassTimeUntil(() => client.Connection.Statuses.Count > 0);
        client.Connection.Messages.Should().ContainSingle().Which.Should().BeEquivalentTo(new { Status = SubscriptionStatus.Revoked });
    }

    [Fact]
    public async Task LogRolledBack_Subscribed_IsResetToWhatIsLeft()
    {
        await using var node = await DeliveryNode.StartAsync();
        var conversation = node.Conversation();
        await conversation.CreateAsync("ada");
        var kept = await conversation.SayAsync("Kept.");
        var client = node.Connect();
        await client.SubscribeAsync(conversation);
        var lost = await conversation.SayAsync("Lost.");
        await client.Connection.UntilSequence(lost);

        using (new NodeLogDown(node))
        {
            node.Log.RollBack(kept);
        }

        await node.PassTimeUntil(() => client.Connection.Messages.OfType<SnapshotMessage>().Any());
        client.Connection.Statuses.Should().Equal(SubscriptionStatus.Reset);
        var snapshot = client.Connection.Messages.OfType<SnapshotMessage>().Single();
        snapshot.State.GetProperty("messages").EnumerateArray().Select(m => m.GetProperty("text").GetString()).Should().Equal("Kept.");
        snapshot.State.GetProperty("seq").GetInt64().Should().Be(kept);
        var again = await conversation.SayAsync("Again.");
        again.Should().Be(lost, "the log goes on from where it is");
        await client.Connection.Until(c => c.Sequences.Count == 2);
    }

    [Fact]
    public async Task LogReplaced_WhileStalled_WritesNothingOfTheOldLogAfterwards()
    {
        await using var node = await DeliveryNode.StartAsync(o => o.ProgressTimeout = TimeSpan.FromDays(1));
        var conversation = node.Conversation();
        await conversation.CreateAsync("ada", "bob");
        var (client, witness) = (node.Connect(), node.Connect("bob"));
        await client.SubscribeAsync(conversation);
        await witness.SubscribeAsync(conversation);
        client.Connection.Stall();
        var underWay = await conversation.SayAsync();
        await client.Connection.Until(c => c.Pending == 1);
        await witness.Connection.UntilSequence(await conversation.SayManyAsync(5));

        using (new NodeLogDown(node))
        {
            node.Log.RollBack(1);
        }

        await node.PassTimeUntil(() => witness.Connection.Messages.OfType<SnapshotMessage>().Any());
        client.Connection.Resume();

        await client.Connection.Until(c => c.Messages.OfType<SnapshotMessage>().Any());
        client.Connection.Sequences.Should().Equal(underWay);
        client.Connection.Statuses.Should().Equal(SubscriptionStatus.Reset);
    }

    // While the log is down nothing of the node can look at a log that is half of the old and half of the new.
    private sealed class NodeLogDown : IDisposable
    {
        private readonly DeliveryNode node;

        public NodeLogDown(DeliveryNode node)
        {
            this.node = node;
            node.Log.Faults.IsDown = true;
        }

        public void Dispose() => node.Log.Faults.IsDown = false;
    }
}
