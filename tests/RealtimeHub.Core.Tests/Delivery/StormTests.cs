using RealtimeHub.Contracts;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Tests.Delivery;

/// <summary>Clients that all come back at once.</summary>
public sealed class StormTests
{
    [Fact]
    public async Task Resume_ManyWithinTheRing_AskTheLogForNothing()
    {
        await using var node = await DeliveryNode.StartAsync();
        var conversation = node.Conversation();
        await conversation.CreateAsync("ada");
        var before = Enumerable.Range(0, 200).Select(_ => node.Connect()).ToList();
        foreach (var client in before)
        {
            await client.SubscribeAsync(conversation);
        }

        var seen = new List<string>(); // cursors at several places of the ring
        for (var i = 0; i < 4; i++)
        {
            await before[0].Connection.UntilThrough(await conversation.SayAsync());
            seen.Add(before[0].Connection.Messages.OfType<EventsMessage>().Last().Cursor);
        }

        before.ForEach(c => c.Disconnect());
        var missed = await conversation.SayManyAsync(50);
        await node.TailAt(missed);
        var reads = node.HeldLog.Reads;

        var after = before.ConvertAll(_ => node.Connect());
        var outcomes = await Task.WhenAll(after.Select((c, i) => c.ResumeAsync(conversation, seen[i % seen.Count])));
        await Task.WhenAll(after.Select(c => c.Connection.UntilSequence(missed)));

        outcomes.Should().OnlyContain(o => o.Status == SubscribeStatus.Resumed);
        after.Select((c, i) => c.Connection.Sequences.Count == 53 - (i % 4)).Should().OnlyContain(isWhole => isWhole);
        node.HeldLog.Reads.Should().Be(reads);
    }

    [Fact]
    public async Task Resume_CursorThatTheRingDoesNotKnow_AsksTheLog()
    {
        await using var node = await DeliveryNode.StartAsync();
        var conversation = node.Conversation();
        await conversation.CreateAsync("ada");
        var client = node.Connect();
        await client.SubscribeAsync(conversation);
        var last = await conversation.SayManyAsync(3);
        await client.Connection.UntilSequence(last);
        var cursor = Cursor.Parse(client.Connection.Messages.OfType<EventsMessage>().Last().Cursor);

        var forged = cursor with { LastState = cursor.LastState with { IdBits = cursor.LastState.IdBits ^ 1 } };
        var outcome = await node.Connect().ResumeAsync(conversation, forged.ToString());

        outcome.Status.Should().Be(SubscribeStatus.Reset, "the log has another event there");
    }
}
