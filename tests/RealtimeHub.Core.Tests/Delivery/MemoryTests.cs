using RealtimeHub.Contracts;
using RealtimeHub.Core.Delivery;
using RealtimeHub.Core.Log;
using RealtimeHub.Specification;

namespace RealtimeHub.Core.Tests.Delivery;

/// <summary>What the engine keeps in memory is counted, and bounded in bytes.</summary>
public sealed class MemoryTests
{
    private const int Kilobyte = 1024;

    [Fact]
    public async Task Ring_LargeEvents_KeepsNoMoreBytesThanItMay()
    {
        await using var node = await DeliveryNode.StartAsync(o => o.RingMaxBytes = 100 * Kilobyte);
        var (conversation, client) = await WatchedAsync(node);

        var last = await conversation.SayManyAsync(50, new string('x', 10 * Kilobyte));
        await client.Connection.UntilSequence(last);

        node.Memory.RingBytes.Should().BeInRange(30 * Kilobyte, 100 * Kilobyte, "an event of 10 KiB counts with its two encodings");
        client.Connection.Sequences.Should().HaveCount(50);
    }

    [Fact]
    public async Task Rings_TooMuchTogether_KeepOnlyWhatIsYoung()
    {
        await using var node = await DeliveryNode.StartAsync(o => o.RingBytesPerNode = 100 * Kilobyte);
        var (conversation, client) = await WatchedAsync(node);
        await client.Connection.UntilSequence(await conversation.SayManyAsync(50, new string('x', 10 * Kilobyte)));
        node.Memory.IsTight.Should().BeTrue("they are young");

        await node.PassTimeUntil(() => !node.Memory.IsTight);

        await client.Connection.UntilSequence(await conversation.SayAsync());
        node.Errors.Should().BeEmpty();
    }

    [Fact]
    public async Task Feed_GoesAway_GivesBackWhatItHeld()
    {
        await using var node = await DeliveryNode.StartAsync();
        var (conversation, client) = await WatchedAsync(node);
        await client.Connection.UntilSequence(await conversation.SayManyAsync(10));
        node.Memory.RingBytes.Should().BePositive();

        client.Disconnect();
        await node.PassTimeUntil(() => node.Feeds.Count == 0);

        await node.PassTimeUntil(() => node.Memory is { RingBytes: 0, BacklogBytes: 0 });
    }

    [Fact]
    public async Task Backlog_FeedsHaveTooMuchToTake_TheTailWaits()
    {
        var memory = new DeliveryMemory(new DeliveryOptions { BacklogBytes = 10 * Kilobyte });
        var e = AnEvent(Kilobyte);
        while (memory.BacklogBytes <= 10 * Kilobyte)
        {
            memory.Post(e);
        }

        var waits = memory.WaitForRoomAsync(TestContext.Current.CancellationToken).AsTask();

        while (memory.BacklogBytes > 5 * Kilobyte)
        {
            waits.IsCompleted.Should().BeFalse("it goes on when half of it is taken, not event by event");
            memory.Taken(e);
        }

        await Deadline.Within(waits);
        await Deadline.Within(memory.WaitForRoomAsync(TestContext.Current.CancellationToken).AsTask());
    }

    [Fact]
    public async Task Stalled_ManyTopicsBehindTheirRings_HasOnePageInMemory()
    {
        await using var node = await DeliveryNode.StartAsync(o => (o.RingEvents, o.RingMaxEvents) = (1, 1));
        var slow = node.Connect();
        var conversations = Enumerable.Range(0, 5).Select(i => node.Conversation($"c{i}")).ToList();
        foreach (var conversation in conversations)
        {
            await conversation.CreateAsync("ada");
            await slow.SubscribeAsync(conversation);
        }

        slow.Connection.Stall();
        var lasts = new List<long>();
        foreach (var conversation in conversations)
        {
            await conversation.SayAsync();
            lasts.Add(await conversation.SayManyAsync(5));
            await node.TailAt(lasts[^1]);
        }

        await slow.Connection.TakeAsync(); // what was on its way; the first page is read and waits to be taken
        await slow.Connection.Until(c => c.Pending == 1);
        node.Pages.Reads.Should().BeLessThanOrEqualTo(2, "the next page is read when this one is taken");
        slow.Connection.Resume();
        foreach (var last in lasts)
        {
            await slow.Connection.UntilSequence(last);
        }

        slow.Connection.Sequences.Should().HaveCount(5 * 6).And.OnlyHaveUniqueItems();
        node.Pages.Reads.Should().BeGreaterThan(2);
        node.Errors.Should().BeEmpty();
    }

    [Fact]
    public async Task Stalled_ManyConnections_CatchUpOnTheSameFrames()
    {
        await using var node = await DeliveryNode.StartAsync(o => o.BatchBytes = 8 * Kilobyte);
        var (conversation, fast) = await WatchedAsync(node);
        var slow = Enumerable.Range(0, 20).Select(_ => node.Connect()).ToList();
        foreach (var client in slow)
        {
            await client.SubscribeAsync(conversation);
            client.Connection.Stall();
        }

        await conversation.SayAsync();
        await Task.WhenAll(slow.Select(c => c.Connection.Until(s => s.Pending == 1)));
        var last = await conversation.SayManyAsync(100, new string('x', Kilobyte));
        await fast.Connection.UntilSequence(last);
        var before = node.Json.Frames;
        slow.ForEach(c => c.Connection.Resume());
        await Task.WhenAll(slow.Select(c => c.Connection.UntilSequence(last)));

        slow.Should().OnlyContain(c => c.Connection.Sequences.Count == 101);
        var framesOfOne = slow[0].Connection.Messages.OfType<EventsMessage>().Count();
        framesOfOne.Should().BeGreaterThan(10, "a frame is cut");
        (node.Json.Frames - before).Should().BeLessThan(slow.Count * framesOfOne / 2, "who is at the same place is written the same frame");
    }

    [Fact]
    public async Task Stalled_LargeSnapshot_HasMoreTimeToBeTaken()
    {
        await using var node = await DeliveryNode.StartAsync(o => o.ProgressTimeout = TimeSpan.FromSeconds(10));
        var (conversation, fast) = await WatchedAsync(node);
        await fast.Connection.UntilSequence(await conversation.SayManyAsync(70, new string('x', 3 * Kilobyte)));
        var slow = node.Connect();
        slow.Connection.Stall();
        await slow.SubscribeAsync(conversation, SubscribeFrom.Snapshot);
        await slow.Connection.Until(c => c.Pending == 1); // a frame of about 210 KiB: three times 64 KiB, so 30 s

        node.PassTime(TimeSpan.FromSeconds(25));
        slow.Connection.Ends.Should().Be(0);
        node.PassTime(TimeSpan.FromSeconds(10));
        slow.Connection.Ends.Should().Be(1);
    }

    [Fact]
    public async Task ManyTopicsOnOneConnection_WritersEverywhere_NoTurnIsLost()
    {
        await using var node = await DeliveryNode.StartAsync(o => (o.RingEvents, o.RingMaxEvents, o.FramesPerTurn) = (3, 3, 2));
        var client = node.Connect();
        client.Connection.TakesLater = true;
        var conversations = Enumerable.Range(0, 16).Select(i => node.Conversation($"c{i}")).ToList();
        foreach (var conversation in conversations)
        {
            await conversation.CreateAsync("ada");
            await client.SubscribeAsync(conversation);
        }

        var lasts = await Task.WhenAll(conversations.Select(c => Task.Run(async () =>
        {
            var last = 0L;
            for (var i = 0; i < 50; i++)
            {
                last = await c.SayAsync();
            }

            return last;
        })));

        foreach (var last in lasts)
        {
            await client.Connection.UntilSequence(last);
        }

        client.Connection.Sequences.Should().HaveCount(16 * 50).And.OnlyHaveUniqueItems();
        node.Errors.Should().BeEmpty();
    }

    private static async Task<(ConversationScript Conversation, TestClient Client)> WatchedAsync(DeliveryNode node)
    {
        var conversation = node.Conversation();
        await conversation.CreateAsync("ada");
        var client = node.Connect();
        await client.SubscribeAsync(conversation);
        return (conversation, client);
    }

    private static StoredEvent AnEvent(int bytes)
    {
        var key = new TopicKey("acme", Topic.Parse("conversation:c1"));
        var body = EventBody.Write(
            "e1", "custom.note", TestEvents.Time, Subject.System, System.Text.Encoding.UTF8.GetBytes($"\"{new string('x', bytes)}\""));
        return StoredEvent.TryRead(key, Lane.State, 1, body, meta: null)!;
    }
}
