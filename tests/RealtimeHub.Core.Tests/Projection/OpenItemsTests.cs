using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Features.Conversations;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Tests.Features;
using RealtimeHub.Core.Tests.Node;

namespace RealtimeHub.Core.Tests.Projection;

/// <summary>What a run leaves open when it ends is closed with the text that there is.</summary>
public sealed class OpenItemsTests : World
{
    [Fact]
    public async Task End_OpenItems_AreClosedWithTheirText()
    {
        await Node.StartAsync();
        var run = await RunAsync();
        Ok(await PublishAsync(
            Callers.Writer,
            Event(EventTypes.MessageStarted, new MessageStarted("m1", MessageRole.Assistant), run),
            Event(EventTypes.MessageDelta, new MessageDelta("m1", "Half 🌍", 0), run),
            Event(EventTypes.ReasoningStarted, new ReasoningStarted("t1", "Plan"), run),
            Event(EventTypes.ReasoningDelta, new ReasoningDelta("t1", "Hm"), run),
            Event(EventTypes.ToolCallStarted, new ToolCallStarted("tc1", "search"), run),
            Event(EventTypes.ToolCallArgumentsDelta, new ToolCallArgumentsDelta("tc1", "{\"q\":1}"), run),
            Event(EventTypes.ToolCallStarted, new ToolCallStarted("tc2", "mail"), run),
            Event(EventTypes.ToolCallArgumentsDelta, new ToolCallArgumentsDelta("tc2", "{\"to"), run),
            Event(EventTypes.ToolCallStarted, new ToolCallStarted("tc3", "wait", Json("[1]")), run),
            Event(EventTypes.MessageStarted, new MessageStarted("m2", MessageRole.Assistant), run),
            Event(EventTypes.MessageCompleted, new MessageCompleted("m2", "whole"), run),
            Event(EventTypes.RunFailed, new RunFailed(run, new RunError("boom", "It broke.")))));

        await Node.ProjectedAsync();

        var closings = Node.EventsOf(Conversation).Where(e => e.Actor == Subject.System).ToList();
        closings.Should().OnlyContain(e => e.RunId == run && e.Origin == null);
        closings.Select(e => e.Type).Should().Equal(
            EventTypes.MessageCompleted, EventTypes.ReasoningCompleted, EventTypes.ToolCallCompleted, EventTypes.ToolCallCompleted, EventTypes.ToolCallCompleted);
        closings[0].Read<MessageCompleted>().Should().Be(new MessageCompleted("m1", "Half 🌍", Incomplete: true));
        closings[1].Read<ReasoningCompleted>().Should().Be(new ReasoningCompleted("t1", "Hm", "Plan", Incomplete: true));
        closings.Skip(2).Select(e => e.Read<ToolCallCompleted>()).Select(c => (c.ToolCallId, c.Arguments?.GetRawText(), c.Incomplete))
            .Should().Equal(("tc1", "{\"q\":1}", true), ("tc2", "\"{\\\"to\"", true), ("tc3", "[1]", true));
        closings.Skip(2).Select(e => Encoding.UTF8.GetString(e.Data.Span)).Should().OnlyContain(data => data.Contains("\"result\":null"), "every member is there");
        var state = (await Node.FoldAsync(Conversation)).StateAs<ConversationState>();
        state.OldestOpen.Should().BeNull();
        state.Messages.Find("m1")!.Status.Should().Be(MessageStatus.Incomplete);
        state.Runs.Find(run)!.ToolCalls[2].Arguments!.Value.GetRawText().Should().Be("[1]");
    }

    [Fact]
    public async Task End_WhileTheProjectorWasDown_IsMadeUpFor()
    {
        await OpenMessageOfAnEndedRunAsync();

        await Node.StartAsync();
        await Node.ProjectedAsync();

        Node.EventsOf(Conversation)[^1].Read<MessageCompleted>().Should().Be(new MessageCompleted("m1", "Half", Incomplete: true));
    }

    [Fact]
    public async Task Restart_FromTheBeginning_ClosesNothingTwice()
    {
        await OpenMessageOfAnEndedRunAsync();
        await Node.StartAsync();
        await Node.ProjectedAsync();
        await Node.StopAsync();
        var before = Count;

        await Node.Documents.DeleteAsync("projector.position", expectedRevision: null, TestContext.Current.CancellationToken);
        await Node.StartAsync();
        await Node.ProjectedAsync();

        Count.Should().Be(before);
    }

    [Fact]
    public async Task Close_SomebodyTookTheId_IsDoneAllTheSame()
    {
        // The id of the closing event can be worked out, and publishers choose their own ids.
        var run = await RunAsync();
        Ok(await PublishAsync(Callers.Writer, Event(EventTypes.MessageStarted, new MessageStarted("m1", MessageRole.Assistant), run)));
        var cause = Encoding.UTF8.GetBytes($"close\nacme/{C1}\n{Last.Sequence}\nm1");
        var id = Convert.ToHexStringLower(SHA256.HashData(cause).AsSpan(0, 16));
        Ok(await PublishAsync(Callers.Bob, new PublishedEvent { Id = id, Type = "custom.note", Data = Json("{}") }));
        Ok(await PublishAsync(Callers.Writer, Event(EventTypes.RunCompleted, new RunCompleted(run))));

        await Node.StartAsync();
        await Node.ProjectedAsync();

        (await Node.FoldAsync(Conversation)).State.OldestOpen.Should().BeNull();
    }

    [Fact]
    public async Task End_ManyRunsAgo_IsClosedToo()
    {
        var run = await RunAsync();
        Ok(await PublishAsync(
            Callers.Writer, Event(EventTypes.ToolCallStarted, new ToolCallStarted("tc1", "search"), run),
            Event(EventTypes.MessageStarted, new MessageStarted("m1", MessageRole.Assistant), run), Event(EventTypes.RunCompleted, new RunCompleted(run))));
        for (var i = 0; i < 55; i++)
        {
            Ok(await PublishAsync(Callers.Writer, Event(EventTypes.RunCompleted, new RunCompleted(await AnotherRunAsync()))));
        }

        await Node.StartAsync();
        await Node.ProjectedAsync();

        (await Node.FoldAsync(Conversation)).State.OldestOpen.Should().BeNull();
        Node.EventsOf(Conversation).Count(e => e.Actor == Subject.System).Should().Be(2);
    }

    [Theory]
    [InlineData("[", "]", 31, true)]
    [InlineData("[", "]", 32, false)]
    [InlineData("[", "]", 33, false)]
    [InlineData("{\"a\":", "}", 62, false)]
    public async Task End_ArgumentsAreDeep_HoldNothingUp(string open, string close, int levels, bool isKeptAsJson) =>
        await ArgumentsAsync(string.Concat(Enumerable.Repeat(open, levels)) + (close == "}" ? "1" : "") + string.Concat(Enumerable.Repeat(close, levels)), isKeptAsJson);

    [Theory]
    [InlineData("""{"a":"\ud800"}""")]
    [InlineData("""{"\udc00":1}""")]
    [InlineData("""{"a":1,"a":2}""")]
    public async Task End_ArgumentsThatNobodyCouldPublish_AreKeptAsText(string arguments) => await ArgumentsAsync(arguments, isKeptAsJson: false);

    [Fact]
    public async Task End_OneItemCannotBeClosed_TheOthersAre()
    {
        var run = await RunAsync();
        Ok(await PublishAsync(
            Callers.Writer,
            Event(EventTypes.ToolCallStarted, new ToolCallStarted("tc1", "search"), run),
            Event(EventTypes.MessageStarted, new MessageStarted("m1", MessageRole.Assistant), run),
            Event(EventTypes.RunCompleted, new RunCompleted(run))));
        var log = new AppendingLog(Node.Log, (topic, events, expected) =>
            Encoding.UTF8.GetString(events[0].Body.Span).Contains("tc1", StringComparison.Ordinal)
                ? throw new EventTooLargeException("It has no room.")
                : Node.Log.Append(topic, events, expected));
        await using var node = new CoreNode(Node, services => services.AddSingleton<IEventLog>(log));

        await node.StartAsync();
        await node.ProjectedAsync();

        (await Node.FoldAsync(Conversation)).StateAs<ConversationState>().Messages.Find("m1")!.Status.Should().Be(MessageStatus.Incomplete);
        node.Warnings.Concat(node.Errors).Should().ContainSingle();
    }

    private async Task ArgumentsAsync(string arguments, bool isKeptAsJson)
    {
        var run = await RunAsync();
        Ok(await PublishAsync(
            Callers.Writer,
            Event(EventTypes.ToolCallStarted, new ToolCallStarted("tc1", "search"), run),
            Event(EventTypes.ToolCallArgumentsDelta, new ToolCallArgumentsDelta("tc1", arguments), run),
            Event(EventTypes.MessageStarted, new MessageStarted("m1", MessageRole.Assistant), run),
            Event(EventTypes.MessageDelta, new MessageDelta("m1", "Half"), run),
            Event(EventTypes.RunCompleted, new RunCompleted(run))));

        await Node.StartAsync();
        await Node.ProjectedAsync();

        (await Node.FoldAsync(Conversation)).State.OldestOpen.Should().BeNull();
        var kept = Node.EventsOf(Conversation).Single(e => e.Type == EventTypes.ToolCallCompleted).Read<ToolCallCompleted>().Arguments!.Value;
        (isKeptAsJson ? kept.GetRawText() : kept.GetString()).Should().Be(arguments);
        Node.EventsOf(Conversation)[^1].Read<MessageCompleted>().Should().Be(new MessageCompleted("m1", "Half", Incomplete: true));
    }

    private async Task OpenMessageOfAnEndedRunAsync()
    {
        var run = await RunAsync();
        Ok(await PublishAsync(
            Callers.Writer,
            Event(EventTypes.MessageStarted, new MessageStarted("m1", MessageRole.Assistant), run),
            Event(EventTypes.MessageDelta, new MessageDelta("m1", "Half", 0), run),
            Event(EventTypes.RunCompleted, new RunCompleted(run))));
    }
}
