using System.Text;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Tests.Contracts;

namespace RealtimeHub.Core.Tests.Folds;

/// <summary>Snapshots as files: what a state looks like in JSON is a promise, and a change of it must show in a diff.</summary>
public sealed class GoldenSnapshotTests
{
    private static readonly Subject Writer = Subject.Agent("writer");

    [Theory]
    [InlineData("conversation")]
    [InlineData("agent")]
    public void WriteSnapshot_EverythingInIt_EqualsTheGoldenFile(string name)
    {
        var fold = name == "agent" ? Agent() : Conversation();

        var json = Encoding.UTF8.GetString(fold.Fold.WriteSnapshot(epoch: 1).Span);

        var golden = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Golden", "Snapshots", $"{name}.json"));
        GoldenJsonTests.Indent(json).Should().Be(golden.TrimEnd().ReplaceLineEndings("\n"));
    }

    private static FoldUnderTest Conversation()
    {
        var fold = new FoldUnderTest();
        var owner = new Participant { Kind = SubjectKind.User, Id = "ada", Role = ParticipantRole.Owner, DisplayName = "Ada" };
        fold.Apply(
            EventTypes.ConversationCreated,
            new ConversationCreated("Refund for “42” 🌍", [owner], new Dictionary<string, string> { ["team"] = "support", ["case"] = "7" }));
        fold.Apply(EventTypes.ParticipantJoined, new ParticipantChanged(new Participant { Kind = SubjectKind.Role, Id = "*", Role = ParticipantRole.Observer }));
        fold.Apply(EventTypes.MessageCreated, new MessageCreated("m1", MessageRole.User, "Why?", ["a1"], "m0"));
        AddClosedRun(fold);
        AddOpenRun(fold);
        fold.Apply(EventTypes.RunRequested, new RunRequested("r3", "critic", Json.Of("[]"), fold.Time.AddHours(2)), "r3");
        fold.Apply(EventTypes.RunCancelled, new RunCancelled("r3", "enough"), "r3");
        fold.Apply(EventTypes.ConversationArchived, new ConversationArchived());
        return fold;
    }

    private static void AddClosedRun(FoldUnderTest fold)
    {
        fold.WithRun("r1");
        fold.Time += TimeSpan.FromSeconds(1);
        Do(EventTypes.MessageStarted, new MessageStarted("m2", MessageRole.Assistant));
        Do(EventTypes.MessageCompleted, new MessageCompleted("m2", "Because."));
        Do(EventTypes.MessageStarted, new MessageStarted("m3", MessageRole.Assistant));
        Do(EventTypes.RunFailed, new RunFailed("r1", new RunError("boom", "It broke."), new Usage(10, 5, 0.25m, 900)));
        fold.Apply(EventTypes.MessageCompleted, new MessageCompleted("m3", "And", Incomplete: true), "r1", Subject.System);

        void Do<T>(string type, T data) => fold.Apply(type, data, "r1", Writer);
    }

    private static void AddOpenRun(FoldUnderTest fold)
    {
        fold.WithRun("r2");
        Do(EventTypes.RunStepStarted, new RunStep("r2", "s1", "Search"));
        Do(EventTypes.RunStepCompleted, new RunStep("r2", "s1", "Search"));
        Do(EventTypes.RunStepStarted, new RunStep("r2", "s2", "Write"));
        Do(EventTypes.ReasoningStarted, new ReasoningStarted("t1", "Plan"));
        Do(EventTypes.ReasoningDelta, new ReasoningDelta("t1", "First look.", 0));
        Do(EventTypes.ToolCallStarted, new ToolCallStarted("tc1", "search", Json.Of("""{"q":"42"}""")));
        Do(EventTypes.ToolCallCompleted, new ToolCallCompleted("tc1", Json.Of("""{"q":"42"}"""), Json.Of("[1,2]"), IsError: false));
        Do(EventTypes.ToolCallStarted, new ToolCallStarted("tc2", "mail"));
        Do(EventTypes.ToolCallArgumentsDelta, new ToolCallArgumentsDelta("tc2", "{\"to\"", 0));
        Do(EventTypes.MessageStarted, new MessageStarted("m4", MessageRole.Assistant));
        Do(EventTypes.MessageDelta, new MessageDelta("m4", "Half an ans", 0));
        Do(EventTypes.RunUsage, new RunUsage("r2", 3, 4));
        fold.Apply(EventTypes.RunStalled, new RunLiveness("r2", "agent_offline"), "r2", Subject.System);
        fold.Apply(EventTypes.RunCancelRequested, new RunCancelRequested("r2", "enough"), "r2");

        void Do<T>(string type, T data) => fold.Apply(type, data, "r2", Writer);
    }

    private static FoldUnderTest Agent()
    {
        var fold = new FoldUnderTest(Topic.Agent("writer"));
        fold.Apply(EventTypes.AgentRegistered, new AgentRegistered(
            "Writer", "Writes.", ["text", "mail"], [new(Subject.Role("*"), Permission.View), new(Subject.User("ada"), Permission.Operate)]));
        fold.Apply(EventTypes.AgentStatusChanged, new AgentStatusChanged(AgentStatus.Busy), actor: Writer);
        fold.WithRun("r1");
        fold.Apply(
            EventTypes.RunRequested, new RunRequested("r2", "writer", Json.Of("2"), fold.Time.AddHours(1), "c1"), "r2",
            origin: new EventOrigin("conversation:c1", 3));
        fold.WithRun("r0");
        fold.Apply(EventTypes.RunCompleted, new RunCompleted("r0"), "r0", Writer);
        return fold;
    }
}
