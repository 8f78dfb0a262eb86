using System.Diagnostics.Metrics;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Log;
using RealtimeHub.Specification;

namespace RealtimeHub.Core.Tests.Delivery;

/// <summary>What happens at the head, while every client keeps up.</summary>
public sealed class LiveDeliveryTests
{
    [Fact]
    public async Task Live_ManySubscribers_EncodesEachEventOncePerProtocol()
    {
        await using var node = await DeliveryNode.StartAsync();
        var conversation = node.Conversation();
        await conversation.CreateAsync("ada");
        TestClient[] clients = [.. Enumerable.Range(0, 20).Select(i => node.Connect(encoder: i % 2 == 0 ? node.Json : node.MessagePack))];
        foreach (var client in clients)
        {
            await client.SubscribeAsync(conversation);
        }

        var first = await conversation.SayAsync();
        var last = await conversation.SayManyAsync(50);

        foreach (var client in clients)
        {
            await client.Connection.UntilSequence(last);
            client.Connection.Sequences.Should().Equal(Enumerable.Range((int)first, 51).Select(s => (long)s));
        }

        for (var sequence = first; sequence <= last; sequence++)
        {
            (node.Json.EncodingsOf(sequence), node.MessagePack.EncodingsOf(sequence)).Should().Be((1, 1));
        }

        node.Json.Frames.Should().Be(clients[0].Connection.Messages.Count, "whoever is at the same place gets the same bytes");
        node.Errors.Should().BeEmpty();
    }

    [Fact]
    public async Task Live_ManyAppendsWhileTheFeedIsBusy_ArriveAsFewFrames()
    {
        await using var node = await DeliveryNode.StartAsync();
        var conversation = node.Conversation();
        await conversation.CreateAsync("ada");
        var client = node.Connect();
        await client.SubscribeAsync(conversation);
        using var busy = new ManualResetEventSlim();
        client.Connection.OnWrite = _ => busy.Wait(TestContext.Current.CancellationToken);

        await conversation.SayAsync();
        for (var i = 0; i < 49; i++)
        {
            await conversation.SayAsync();
        }

        await node.TailAt(51);
        busy.Set();

        await client.Connection.UntilSequence(51);
        client.Connection.Sequences.Should().HaveCount(50).And.BeInAscendingOrder();
        client.Connection.Messages.Count.Should().BeLessThanOrEqualTo(5);
    }

    [Fact]
    public async Task Live_EventOfACommand_IsMeasuredFromItsAppendToTheWrite()
    {
        var age = TimeSpan.FromMilliseconds(2718);
        var (measured, first) = (0, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, l) =>
            {
                if (instrument.Name == "realtimehub.delivery.lag")
                {
                    l.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<double>((_, value, _, _) =>
        {
            if (value == age.TotalSeconds) // other nodes of this process have other clocks
            {
                Interlocked.Increment(ref measured);
                first.TrySetResult();
            }
        });
        listener.Start();
        await using var node = await DeliveryNode.StartAsync();
        var conversation = node.Conversation();
        await conversation.CreateAsync("ada");
        var client = node.Connect();
        await client.SubscribeAsync(conversation);
        node.Time.Advance(age);

        await client.Connection.UntilSequence(await conversation.SayAsync()); // its publisher's time, and no measure
        await conversation.AppendAsync(
            conversation.Make(EventTypes.MessageCreated, new MessageCreated("m-1", MessageRole.User, "a")) with { Meta = new EventMeta(Surface: "Http") });

        await Deadline.Within(first.Task);
        measured.Should().Be(1);
    }

    [Fact]
    public async Task Live_LargeBatch_IsCutAtTheBatchSize()
    {
        await using var node = await DeliveryNode.StartAsync();
        var conversation = node.Conversation();
        await conversation.CreateAsync("ada");
        var client = node.Connect();
        await client.SubscribeAsync(conversation);

        var last = await conversation.SayManyAsync(30, new string('x', 10_000));

        await client.Connection.UntilSequence(last);
        client.Connection.Sequences.Should().HaveCount(30).And.BeInAscendingOrder();
        var sizes = client.Connection.Messages.Cast<EventsMessage>().Select(m => m.Events.Count).ToList();
        sizes.Should().OnlyContain(size => size <= 6, "64 KiB hold six of them");
        sizes[..^1].Should().Contain(6);
    }

    [Fact]
    public async Task Live_EventLargerThanABatch_GoesAlone()
    {
        await using var node = await DeliveryNode.StartAsync();
        var conversation = node.Conversation();
        await conversation.CreateAsync("ada");
        var client = node.Connect();
        await client.SubscribeAsync(conversation);

        var message = await conversation.StartAsync(await conversation.RunAsync());
        await conversation.AppendAsync(
            conversation.Make(EventTypes.MessageCreated, new MessageCreated("m-small-1", MessageRole.User, "small")),
            conversation.Make(EventTypes.MessageCreated, new MessageCreated("m-large", MessageRole.User, new string('x', 200_000))),
            conversation.Make(EventTypes.MessageCreated, new MessageCreated("m-small-2", MessageRole.User, "small")));
        var last = await conversation.DeltaAsync(message);

        await client.Connection.UntilSequence(last);
        client.Connection.Messages.Cast<EventsMessage>()
            .Single(m => m.Events.Any(e => e.Data.TryGetProperty("messageId", out var id) && id.GetString() == "m-large"))
            .Events.Should().ContainSingle();
    }

    [Fact]
    public async Task Live_OtherTopicsAndTenants_AreNotDelivered()
    {
        await using var node = await DeliveryNode.StartAsync();
        var (mine, other, theirs) = (node.Conversation(), node.Conversation("c2"), node.Conversation("c1", "umbrella"));
        foreach (var conversation in (ConversationScript[])[mine, other, theirs])
        {
            await conversation.CreateAsync("ada");
        }

        var client = node.Connect();
        await client.SubscribeAsync(mine);
        await other.SayAsync();
        await theirs.SayAsync();
        var next = await mine.SayAsync();

        await client.Connection.UntilSequence(next);
        client.Connection.Sequences.Should().Equal(next);
    }

    [Fact]
    public async Task Live_EventWithoutAPlace_IsNotDelivered()
    {
        await using var node = await DeliveryNode.StartAsync();
        var conversation = node.Conversation();
        await conversation.CreateAsync("ada");
        var client = node.Connect();
        await client.SubscribeAsync(conversation);
        var message = await conversation.StartAsync(await conversation.RunAsync());
        var completed = await conversation.CompleteAsync(message);

        var late = await conversation.AppendAsync(
            conversation.Make(EventTypes.MessageDelta, new MessageDelta(message, "late", 0)),
            conversation.Make(EventTypes.MessageDelta, new MessageDelta("never-started", "lost", 0)));
        var last = await conversation.SayAsync();

        await client.Connection.UntilSequence(last);
        client.Connection.Sequences.Should().EndWith([completed, last]).And.NotContain([late - 1, late]);
        node.Errors.Should().BeEmpty();
    }

    [Fact]
    public async Task Live_MalformedDelta_IsNotDeliveredAndHarmsNothing()
    {
        await using var node = await DeliveryNode.StartAsync();
        var conversation = node.Conversation();
        await conversation.CreateAsync("ada");
        var client = node.Connect();
        await client.SubscribeAsync(conversation);

        await conversation.AppendAsync(Specification.TestEvents.Delta("nameless"));
        var last = await conversation.SayAsync();

        await client.Connection.UntilSequence(last);
        client.Connection.Sequences.Should().Equal(last);
        node.Errors.Should().BeEmpty();
    }
}
