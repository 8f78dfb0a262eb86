using RealtimeHub.Contracts;

namespace RealtimeHub.Core.Tests.Folds;

/// <summary>Messages, reasonings and tool calls that grow piece by piece.</summary>
public sealed class DeltaFoldTests
{
    private static readonly Subject Writer = Subject.Agent("writer");

    private readonly FoldUnderTest fold = new FoldUnderTest().WithRun();

    public DeltaFoldTests() => Do(EventTypes.MessageStarted, new MessageStarted("m1", MessageRole.Assistant)).Should().BeTrue();

    [Fact]
    public void Delta_OffsetFits_IsAppended()
    {
        Delta("Hel", 0).Should().BeTrue();
        Delta("lo", 3).Should().BeTrue();

        Open("m1").Should().Be("Hello");
        SnapshotText().Should().Be("Hello");
    }

    [Fact]
    public void Delta_WithoutOffset_IsAppended()
    {
        Delta("Hel");
        Delta("lo").Should().BeTrue();

        Open("m1").Should().Be("Hello");
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(0)]
    public void Delta_OffsetDoesNotFit_IsNotDelivered(int offset)
    {
        Delta("Hel", 0);

        Delta("lo", offset).Should().BeFalse();

        Open("m1").Should().Be("Hel");
    }

    [Fact]
    public void Delta_Emoji_CountsUtf16Units()
    {
        Delta("🌍", 0).Should().BeTrue();

        Delta("!", 1).Should().BeFalse();
        Delta("!", 4).Should().BeFalse();
        Delta("!", 2).Should().BeTrue();

        Open("m1").Should().Be("🌍!");
        fold.Runs.Items["m1"].Text.Bytes.Should().Be(5);
    }

    [Fact]
    public void Delta_MessageNeverStarted_IsNotDelivered() =>
        Do(EventTypes.MessageDelta, new MessageDelta("m2", "x", 0)).Should().BeFalse();

    [Fact]
    public void Delta_AfterCompleted_IsNotDelivered()
    {
        Do(EventTypes.MessageCompleted, new MessageCompleted("m1", "Hello")).Should().BeTrue();

        Delta("x").Should().BeFalse();
    }

    [Fact]
    public void Completed_DeltasWereLost_HealsTheText()
    {
        Delta("Hel", 0);

        Do(EventTypes.MessageCompleted, new MessageCompleted("m1", "Hello, world"));

        var message = fold.Conversation.Messages.Find("m1")!;
        message.Text.Should().Be("Hello, world");
        message.Status.Should().Be(MessageStatus.Completed);
        message.RunId.Should().Be("r1");
        message.StartedAt.Should().Be(3);
        fold.Conversation.OldestOpen.Should().BeNull();
    }

    [Fact]
    public void Completed_Incomplete_SaysSo()
    {
        Do(EventTypes.MessageCompleted, new MessageCompleted("m1", "Hel", Incomplete: true));

        fold.Conversation.Messages.Find("m1")!.Status.Should().Be(MessageStatus.Incomplete);
        fold.Snapshot()["messages"]![0]!["status"]!.GetValue<string>().Should().Be("incomplete");
    }

    [Fact]
    public void Completed_Twice_TheSecondIsNotDelivered()
    {
        Do(EventTypes.MessageCompleted, new MessageCompleted("m1", "first"));

        Do(EventTypes.MessageCompleted, new MessageCompleted("m1", "second")).Should().BeFalse();

        fold.Conversation.Messages.Find("m1")!.Text.Should().Be("first");
    }

    [Fact]
    public void Started_Twice_TheSecondIsNotDelivered()
    {
        Do(EventTypes.MessageStarted, new MessageStarted("m1", MessageRole.Assistant)).Should().BeFalse();

        fold.Conversation.Messages.All.Should().ContainSingle();
    }

    [Fact]
    public void OldestOpen_SeveralOpen_IsTheFirstOfThem()
    {
        Do(EventTypes.ReasoningStarted, new ReasoningStarted("t1"));
        fold.Conversation.OldestOpen.Should().Be(3);

        Do(EventTypes.MessageCompleted, new MessageCompleted("m1", ""));
        fold.Conversation.OldestOpen.Should().Be(4);
    }

    [Fact]
    public void Reasoning_OpenThenCompleted_IsShownWhileItIsOpen()
    {
        Do(EventTypes.ReasoningStarted, new ReasoningStarted("t1", "Plan"));
        Do(EventTypes.ReasoningDelta, new ReasoningDelta("t1", "First ", 0)).Should().BeTrue();
        Do(EventTypes.ReasoningDelta, new ReasoningDelta("t1", "look", 6)).Should().BeTrue();
        Do(EventTypes.ReasoningDelta, new ReasoningDelta("t1", "?", 6)).Should().BeFalse();

        var open = fold.Snapshot()["runs"]![0]!["openReasoning"]!.AsArray().Should().ContainSingle().Subject!;
        open["reasoningId"]!.GetValue<string>().Should().Be("t1");
        open["text"]!.GetValue<string>().Should().Be("First look");

        Do(EventTypes.ReasoningCompleted, new ReasoningCompleted("t1", "First look")).Should().BeTrue();
        fold.Snapshot()["runs"]![0]!["openReasoning"]!.AsArray().Should().BeEmpty();
    }

    [Fact]
    public void ToolCall_ArgumentsThenResult_AreInTheRun()
    {
        Do(EventTypes.ToolCallStarted, new ToolCallStarted("tc1", "search"));
        Do(EventTypes.ToolCallArgumentsDelta, new ToolCallArgumentsDelta("tc1", "{\"q\":", 0)).Should().BeTrue();

        var call = fold.Snapshot()["runs"]![0]!["toolCalls"]![0]!;
        call["status"]!.GetValue<string>().Should().Be("open");

        Do(EventTypes.ToolCallCompleted, new ToolCallCompleted("tc1", Json.Of("""{"q":"x"}"""), Json.Of("[1]"), IsError: false)).Should().BeTrue();

        call = fold.Snapshot()["runs"]![0]!["toolCalls"]![0]!;
        call["toolCallId"]!.GetValue<string>().Should().Be("tc1");
        call["name"]!.GetValue<string>().Should().Be("search");
        call["arguments"]!.ToJsonString().Should().Be("""{"q":"x"}""");
        call["result"]!.ToJsonString().Should().Be("[1]");
        call["status"]!.GetValue<string>().Should().Be("completed");
    }

    [Theory]
    [InlineData(true, null, "failed")]
    [InlineData(true, true, "incomplete")]
    [InlineData(null, null, "completed")]
    public void ToolCall_Completed_HasAStatus(bool? isError, bool? incomplete, string status)
    {
        Do(EventTypes.ToolCallStarted, new ToolCallStarted("tc1", "search", Json.Of("1")));
        Do(EventTypes.ToolCallCompleted, new ToolCallCompleted("tc1", IsError: isError, Incomplete: incomplete));

        fold.Snapshot()["runs"]![0]!["toolCalls"]![0]!["status"]!.GetValue<string>().Should().Be(status);
    }

    [Fact]
    public void ToolCall_CompletedWithoutStart_IsNotDelivered() =>
        Do(EventTypes.ToolCallCompleted, new ToolCallCompleted("tc9")).Should().BeFalse();

    [Fact]
    public void Reasoning_CompletedWithoutStart_IsNotDelivered() =>
        Do(EventTypes.ReasoningCompleted, new ReasoningCompleted("t9", "x")).Should().BeFalse();

    private bool Do<T>(string type, T data) => fold.Apply(type, data, "r1", Writer);

    private bool Delta(string text, int? offset = null) => Do(EventTypes.MessageDelta, new MessageDelta("m1", text, offset));

    private string Open(string id) => fold.Runs.Items[id].Text.ToString();

    private string SnapshotText() => fold.Snapshot()["messages"]![0]!["text"]!.GetValue<string>();
}
