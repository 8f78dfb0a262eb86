using RealtimeHub.Contracts;
using RealtimeHub.Core.Features.Runs;

namespace RealtimeHub.Core.Tests.Folds;

public sealed class RunFoldTests
{
    private static readonly Subject Writer = Subject.Agent("writer");
    private static readonly Usage Totals = new(10, 5, 0.5m, 100);

    private readonly FoldUnderTest fold = new();

    private RunState Run => fold.Runs.Find("r1")!;

    [Fact]
    public void Requested_New_IsOpenWithItsDeadline()
    {
        fold.Apply(EventTypes.RunRequested, new RunRequested("r1", "writer", Json.Of("7"), fold.Time.AddMinutes(1)), "r1").Should().BeTrue();

        Run.Should().BeEquivalentTo(new
        {
            RunId = "r1", AgentId = "writer", Status = RunStatus.Requested, RequestedBy = Subject.User("ada"), Deadline = fold.Time.AddMinutes(1),
            HasEnded = false,
        });
        fold.Conversation.Readers.Should().Contain(Writer);
    }

    [Fact]
    public void Requested_Twice_TheSecondIsNotDelivered()
    {
        fold.WithRun();

        fold.Apply(EventTypes.RunRequested, new RunRequested("r1", "other", Json.Of("7"), fold.Time), "r1").Should().BeFalse();

        Run.AgentId.Should().Be("writer");
    }

    [Fact]
    public void Started_Requested_IsRunning()
    {
        fold.WithRun();

        Run.Status.Should().Be(RunStatus.Running);
        Run.StartedAt.Should().Be(fold.Time);
    }

    [Fact]
    public void Steps_StartedAndCompleted_AreInOrder()
    {
        fold.WithRun();
        Do(EventTypes.RunStepStarted, new RunStep("r1", "s1", "Search"));
        Do(EventTypes.RunStepStarted, new RunStep("r1", "s2", "Write"));
        Do(EventTypes.RunStepCompleted, new RunStep("r1", "s1", "Search"));

        Run.Steps.Should().Equal(new RunStepState("s1", "Search", IsCompleted: true), new RunStepState("s2", "Write", IsCompleted: false));
    }

    [Fact]
    public void StalledAndResumed_Running_AreShown()
    {
        fold.WithRun();

        Do(EventTypes.RunStalled, new RunLiveness("r1", "agent_offline"));
        Run.IsStalled.Should().BeTrue();

        Do(EventTypes.RunResumed, new RunLiveness("r1", "agent_offline"));
        Run.IsStalled.Should().BeFalse();
    }

    [Fact]
    public void Usage_Totals_AreTheLatest()
    {
        fold.WithRun();
        Do(EventTypes.RunUsage, new RunUsage("r1", 1, 1));
        Do(EventTypes.RunUsage, new RunUsage("r1", 10, 5, 0.5m, 100));

        Run.Usage.Should().Be(Totals);
    }

    [Fact]
    public void CancelRequested_Twice_KeepsTheFirstTime()
    {
        fold.WithRun();
        var first = fold.Time;
        fold.Apply(EventTypes.RunCancelRequested, new RunCancelRequested("r1", "enough"), "r1");
        fold.Time += TimeSpan.FromSeconds(5);
        fold.Apply(EventTypes.RunCancelRequested, new RunCancelRequested("r1", "enough"), "r1");

        Run.CancelRequestedAt.Should().Be(first);
        Run.HasEnded.Should().BeFalse();
    }

    [Fact]
    public void Steered_Running_IsDelivered()
    {
        fold.WithRun();

        fold.Apply(EventTypes.RunSteered, new RunSteered("r1", "shorter"), "r1").Should().BeTrue();
    }

    [Fact]
    public void Completed_Running_HasOutputAndUsage()
    {
        fold.WithRun();

        Do(EventTypes.RunCompleted, new RunCompleted("r1", Json.Of("[1]"), Totals)).Should().BeTrue();

        Run.Status.Should().Be(RunStatus.Completed);
        Run.Output!.Value.GetRawText().Should().Be("[1]");
        Run.Usage.Should().Be(Totals);
        Run.EndedAt.Should().Be(fold.Time);
        fold.Runs.Open.Should().BeEmpty();
    }

    [Fact]
    public void Failed_Running_HasItsError()
    {
        fold.WithRun();

        Do(EventTypes.RunFailed, new RunFailed("r1", new RunError("boom", "It broke.")));

        Run.Status.Should().Be(RunStatus.Failed);
        Run.Error.Should().Be(new RunError("boom", "It broke."));
    }

    [Fact]
    public void Cancelled_Running_HasItsReason()
    {
        fold.WithRun();

        Do(EventTypes.RunCancelled, new RunCancelled("r1", "enough"));

        Run.Status.Should().Be(RunStatus.Cancelled);
        Run.Reason.Should().Be("enough");
    }

    [Fact]
    public void Ended_SecondTerminalEvent_IsNotDelivered()
    {
        fold.WithRun();
        Do(EventTypes.RunCompleted, new RunCompleted("r1"));

        Do(EventTypes.RunFailed, new RunFailed("r1", new RunError("late", ""))).Should().BeFalse();
        fold.Apply(EventTypes.RunCancelled, new RunCancelled("r1"), "r1", Subject.System).Should().BeFalse();

        Run.Status.Should().Be(RunStatus.Completed);
    }

    [Fact]
    public void Ended_FurtherEventsOfTheRun_AreNotDelivered()
    {
        fold.WithRun();
        Do(EventTypes.MessageStarted, new MessageStarted("m1", MessageRole.Assistant));
        Do(EventTypes.RunCompleted, new RunCompleted("r1"));

        Do(EventTypes.MessageDelta, new MessageDelta("m1", "late", 0)).Should().BeFalse();
        Do(EventTypes.MessageCreated, new MessageCreated("m2", MessageRole.Assistant, "late")).Should().BeFalse();
        Do(EventTypes.MessageCompleted, new MessageCompleted("m1", "late")).Should().BeFalse();
        Do(EventTypes.RunStarted, new RunStarted("r1", "writer")).Should().BeFalse();
        Do(EventTypes.RunStepStarted, new RunStep("r1", "s1", "late")).Should().BeFalse();
        fold.Apply(EventTypes.RunSteered, new RunSteered("r1", "late"), "r1").Should().BeFalse();
        fold.ApplyRaw("custom.note", "{}", "r1", Writer).Should().BeFalse();
    }

    [Fact]
    public void Ended_TheSystemClosesWhatIsOpen_IsDelivered()
    {
        fold.WithRun();
        Do(EventTypes.MessageStarted, new MessageStarted("m1", MessageRole.Assistant));
        Do(EventTypes.MessageDelta, new MessageDelta("m1", "Hel", 0));
        Do(EventTypes.ReasoningStarted, new ReasoningStarted("t1"));
        Do(EventTypes.ToolCallStarted, new ToolCallStarted("tc1", "search"));
        Do(EventTypes.RunCompleted, new RunCompleted("r1"));
        fold.Runs.OpenItemsOf("r1").Select(i => i.Id).Should().Equal("m1", "t1", "tc1");

        fold.Apply(EventTypes.MessageCompleted, new MessageCompleted("m1", "Hel", Incomplete: true), "r1", Subject.System).Should().BeTrue();
        fold.Apply(EventTypes.ReasoningCompleted, new ReasoningCompleted("t1", "", Incomplete: true), "r1", Subject.System).Should().BeTrue();
        fold.Apply(EventTypes.ToolCallCompleted, new ToolCallCompleted("tc1", Incomplete: true), "r1", Subject.System).Should().BeTrue();

        fold.Runs.Items.Should().BeEmpty();
        fold.Conversation.OldestOpen.Should().BeNull();
        Run.ToolCalls[0].Status.Should().Be(ToolCallStatus.Incomplete);
    }

    [Fact]
    public void Ended_CompletedTwiceBySystem_TheSecondIsNotDelivered()
    {
        fold.WithRun();
        Do(EventTypes.MessageStarted, new MessageStarted("m1", MessageRole.Assistant));
        Do(EventTypes.RunCompleted, new RunCompleted("r1"));
        fold.Apply(EventTypes.MessageCompleted, new MessageCompleted("m1", "a", Incomplete: true), "r1", Subject.System).Should().BeTrue();

        fold.Apply(EventTypes.MessageCompleted, new MessageCompleted("m1", "b", Incomplete: true), "r1", Subject.System).Should().BeFalse();

        fold.Conversation.Messages.Find("m1")!.Text.Should().Be("a");
    }

    [Fact]
    public void Delta_OfAnEndedRunThatNamesNoRun_IsNotDelivered()
    {
        fold.WithRun();
        Do(EventTypes.MessageStarted, new MessageStarted("m1", MessageRole.Assistant));
        Do(EventTypes.RunCompleted, new RunCompleted("r1"));

        fold.Apply(EventTypes.MessageDelta, new MessageDelta("m1", "late", 0), runId: null, Writer).Should().BeFalse();
    }

    [Fact]
    public void Closed_MoreThan50_KeepsTheNewest()
    {
        for (var i = 0; i < 53; i++)
        {
            fold.WithRun($"r{i}");
            fold.Apply(EventTypes.RunCompleted, new RunCompleted($"r{i}"), $"r{i}", Writer);
        }

        fold.WithRun("open");

        fold.Runs.ById.Should().HaveCount(51);
        fold.Runs.Find("r2").Should().BeNull();
        fold.Snapshot()["runs"]!.AsArray().Select(r => r!["runId"]!.GetValue<string>())
            .Should().Equal([.. Enumerable.Range(3, 50).Select(i => $"r{i}"), "open"]);
    }

    [Fact]
    public void LongJson_IsWholeWhileItIsOpen_AndCutAfterwards()
    {
        var text = new string('x', 20_000);
        var input = Json.Of($"\"{text}\"");
        fold.Apply(EventTypes.RunRequested, new RunRequested("r1", "writer", input, fold.Time), "r1");
        Do(EventTypes.ToolCallStarted, new ToolCallStarted("t1", "search", Json.Of($$"""{"q":"{{text}}"}""")));

        var open = fold.Snapshot()["runs"]![0]!.AsObject();
        open["input"]!.GetValue<string>().Should().Be(text);
        open["toolCalls"]![0]!["arguments"]!["q"]!.GetValue<string>().Should().Be(text);
        open.ContainsKey("truncated").Should().BeFalse();

        Do(EventTypes.ToolCallCompleted, new ToolCallCompleted("t1", Result: input));
        Do(EventTypes.RunCompleted, new RunCompleted("r1", Json.Of($"\"{text}\"")));

        var closed = fold.Snapshot()["runs"]![0]!.AsObject();
        var cut = new string('x', 16 * 1024);
        closed["input"]!.GetValue<string>().Should().Be(cut);
        closed["output"]!.GetValue<string>().Should().Be(cut);
        closed["truncated"]!.GetValue<bool>().Should().BeTrue();
        var call = closed["toolCalls"]![0]!.AsObject();
        call["result"]!.GetValue<string>().Should().Be(cut);
        call.ContainsKey("arguments").Should().BeFalse("an object cannot be cut");
        call["truncated"]!.GetValue<bool>().Should().BeTrue();
    }

    private bool Do<T>(string type, T data) => fold.Apply(type, data, "r1", Writer);
}
