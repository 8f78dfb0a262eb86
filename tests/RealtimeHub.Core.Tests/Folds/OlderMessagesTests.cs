using System.Text.Json;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Tests.Node;

namespace RealtimeHub.Core.Tests.Folds;

/// <summary><c>messagesBefore</c> leads to exactly the messages that a snapshot has no room for.</summary>
public sealed class OlderMessagesTests : IAsyncDisposable
{
    private static readonly Topic Topic = Topic.Conversation("c1");

    private readonly CoreNode node = new();

    public ValueTask DisposeAsync() => node.DisposeAsync();

    [Fact]
    public async Task MessagesBefore_MoreThan200_LeadsToExactlyTheOlder()
    {
        var topic = new FoldUnderTest();
        for (var i = 0; i < 230; i++)
        {
            topic.Apply(EventTypes.MessageCreated, new MessageCreated($"m{i}", MessageRole.User, $"text {i}"));
            topic.ApplyRaw("custom.note", "{}");
        }

        await AssertCompleteAsync(topic, Enumerable.Range(0, 30).Select(i => $"m{i}"));
    }

    [Fact]
    public async Task MessagesBefore_OpenMessageIsOlderThanTheOmitted_LosesNone()
    {
        var topic = new FoldUnderTest().WithRun();
        topic.Apply(EventTypes.MessageStarted, new MessageStarted("open", MessageRole.Assistant), "r1", Subject.Agent("writer"));
        for (var i = 0; i < 210; i++)
        {
            topic.Apply(EventTypes.MessageCreated, new MessageCreated($"m{i}", MessageRole.User, "x"));
        }

        await AssertCompleteAsync(topic, Enumerable.Range(0, 10).Select(i => $"m{i}"));
    }

    [Fact]
    public async Task MessagesBefore_AMessageTookLong_IsAmongTheNewestWhenItIsWhole()
    {
        var topic = new FoldUnderTest().WithRun();
        topic.Apply(EventTypes.MessageStarted, new MessageStarted("long", MessageRole.Assistant), "r1", Subject.Agent("writer"));
        for (var i = 0; i < 210; i++)
        {
            topic.Apply(EventTypes.MessageCreated, new MessageCreated($"m{i}", MessageRole.User, "x"));
        }

        topic.Apply(EventTypes.MessageCompleted, new MessageCompleted("long", "the answer"), "r1", Subject.Agent("writer"));

        topic.Conversation.Messages.Find("long").Should().NotBeNull();
        await AssertCompleteAsync(topic, Enumerable.Range(0, 11).Select(i => $"m{i}"));
    }

    [Theory]
    [InlineData(1500)]
    [InlineData(30_000)]
    public async Task MessagesBefore_SnapshotCutToItsSize_LosesNone(int length)
    {
        var topic = new FoldUnderTest().WithRun();
        for (var i = 0; i < 15; i++)
        {
            // Open messages are shown whole, so there is room for few of the closed ones.
            topic.Apply(EventTypes.MessageStarted, new MessageStarted($"o{i}", MessageRole.Assistant), "r1", Subject.Agent("writer"));
            topic.Apply(EventTypes.MessageDelta, new MessageDelta($"o{i}", new string('y', 15_000)), "r1", Subject.Agent("writer"));
        }

        for (var i = 0; i < 180; i++)
        {
            topic.Apply(EventTypes.MessageCreated, new MessageCreated($"m{i}", MessageRole.User, new string('x', length)));
        }

        var shown = topic.Snapshot()["messages"]!.AsArray().Count - 15;
        shown.Should().BeLessThan(180);
        await AssertCompleteAsync(topic, Enumerable.Range(0, 180 - shown).Select(i => $"m{i}"));
    }

    private async Task AssertCompleteAsync(FoldUnderTest topic, IEnumerable<string> expected)
    {
        await node.Log.AppendAsync(
            topic.Fold.Key, [.. topic.Events.Select(e => new NewEvent(e.Id, e.Lane, e.Body))], expectedState: null, TestContext.Current.CancellationToken);
        var snapshot = await node.Send(Callers.Admin, new GetSnapshot { Topic = Topic.ToString() });
        var cursor = snapshot.Value!.State.GetProperty("messagesBefore").GetString();

        var (found, more) = (new List<string>(), true);
        while (more)
        {
            var page = await node.Send(Callers.Admin, new GetHistory { Topic = Topic.ToString(), Before = cursor, Limit = 7, Types = "message.*" });
            page.Error.Should().BeNull();
            found.AddRange(page.Value!.Events.Where(IsWhole).Select(e => e.GetProperty("data").GetProperty("messageId").GetString()!));
            (cursor, more) = (page.Value.Cursor, page.Value.HasMore);
        }

        found.AsEnumerable().Reverse().Should().Equal(expected);
    }

    private static bool IsWhole(JsonElement e) => e.GetProperty("type").GetString() is EventTypes.MessageCreated or EventTypes.MessageCompleted;
}
