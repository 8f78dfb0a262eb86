using RealtimeHub.Contracts;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Tests.Folds;

public sealed class ConversationFoldTests
{
    private static readonly Participant Ada = new() { Kind = SubjectKind.User, Id = "ada", Role = ParticipantRole.Owner };
    private static readonly Participant Bob = new() { Kind = SubjectKind.User, Id = "bob", Role = ParticipantRole.Member };

    private readonly FoldUnderTest fold = new();

    [Fact]
    public void Apply_Nothing_DoesNotExist()
    {
        fold.Fold.Exists.Should().BeFalse();
        fold.Fold.LastState.Should().Be(default(StateMark));
    }

    [Fact]
    public void Apply_Created_HasTitleLabelsAndParticipants()
    {
        fold.Apply(EventTypes.ConversationCreated, new ConversationCreated("Refund", [Ada], new Dictionary<string, string> { ["b"] = "2", ["a"] = "1" }))
            .Should().BeTrue();

        fold.Fold.Exists.Should().BeTrue();
        fold.Conversation.Title.Should().Be("Refund");
        fold.Conversation.Labels.Should().Equal(new Dictionary<string, string> { ["a"] = "1", ["b"] = "2" });
        fold.Conversation.Participants.Should().Equal(Ada);
        fold.Conversation.Readers.Should().Equal(Subject.User("ada"));
    }

    [Fact]
    public void Apply_Updated_ChangesOnlyWhatItNames()
    {
        fold.Apply(EventTypes.ConversationCreated, new ConversationCreated("Old", [Ada], new Dictionary<string, string> { ["a"] = "1" }));

        fold.Apply(EventTypes.ConversationUpdated, new ConversationUpdated("New", Labels: null));
        fold.Conversation.Title.Should().Be("New");
        fold.Conversation.Labels.Should().ContainKey("a");

        fold.Apply(EventTypes.ConversationUpdated, new ConversationUpdated(Title: null, new Dictionary<string, string>()));
        fold.Conversation.Title.Should().Be("New");
        fold.Conversation.Labels.Should().BeEmpty();
    }

    [Fact]
    public void Apply_Archived_IsArchived()
    {
        fold.Apply(EventTypes.ConversationArchived, new ConversationArchived());

        fold.Conversation.Archived.Should().BeTrue();
    }

    [Fact]
    public void Apply_JoinedAndLeft_ChangesWhoIsIn()
    {
        fold.Apply(EventTypes.ConversationCreated, new ConversationCreated("T", [Ada]));

        fold.Apply(EventTypes.ParticipantJoined, new ParticipantChanged(Bob));
        fold.Conversation.Participants.Should().Equal(Ada, Bob);

        var observer = Bob with { Role = ParticipantRole.Observer };
        fold.Apply(EventTypes.ParticipantJoined, new ParticipantChanged(observer));
        fold.Conversation.Participants.Should().Equal(Ada, observer);

        fold.Apply(EventTypes.ParticipantLeft, new ParticipantChanged(Ada));
        fold.Conversation.Participants.Should().Equal(observer);
    }

    [Fact]
    public void Apply_MessageCreated_IsAWholeMessage()
    {
        fold.Apply(EventTypes.MessageCreated, new MessageCreated("m1", MessageRole.User, "Hi", ["a1"], "m0"));

        var message = fold.Conversation.Messages.All.Should().ContainSingle().Subject;
        message.Should().BeEquivalentTo(new
        {
            MessageId = "m1", Role = MessageRole.User, Text = "Hi", Status = MessageStatus.Completed, ReplyTo = "m0",
            Actor = Subject.User("ada"), fold.Time, StartedAt = 1L,
        });
        message.ArtifactIds.Should().Equal("a1");
        fold.Conversation.OldestOpen.Should().BeNull();
    }

    [Fact]
    public void Apply_CompletedOfAMessageNeverStarted_IsAMessageThatCameWhole()
    {
        fold.Apply(EventTypes.MessageCompleted, new MessageCompleted("m1", "Whole")).Should().BeTrue();

        fold.Conversation.Messages.Find("m1")!.Status.Should().Be(MessageStatus.Completed);
    }

    [Fact]
    public void Apply_Custom_IsDeliveredAndChangesNothing()
    {
        var before = fold.Conversation;

        fold.ApplyRaw("custom.note", """{"x":1}""").Should().BeTrue();

        fold.Conversation.Should().Be(before);
        fold.Fold.Sequence.Should().Be(1);
        fold.Fold.LastState.Sequence.Should().Be(1);
    }

    [Fact]
    public void Apply_SequenceSeenBefore_ChangesNothing()
    {
        fold.Apply(EventTypes.MessageCreated, new MessageCreated("m1", MessageRole.User, "Hi"));
        var before = fold.Fold;

        fold.Apply(fold.Events[0]).Should().BeFalse();

        fold.Fold.Should().BeSameAs(before);
    }

    [Theory]
    [InlineData("message.created", """{"messageId":"m1","role":"user"}""")]
    [InlineData("message.created", """{"messageId":"m1","role":7,"text":"x"}""")]
    [InlineData("participant.joined", "{}")]
    [InlineData("participant.left", """{"participant":null}""")]
    [InlineData("conversation.created", """{"title":"x"}""")]
    [InlineData("message.started", "[]")]
    [InlineData("run.requested", """{"runId":null,"agentId":"a","input":1,"deadline":"2026-01-01T00:00:00Z"}""")]
    [InlineData("message.completed", """{"messageId":null,"text":"x"}""")]
    [InlineData("message.completed", """{"messageId":"m1","text":"\ud800"}""")]
    public void Apply_DataThatDoesNotFitItsType_IsPassedOver(string type, string data)
    {
        var before = fold.Fold.State;

        fold.ApplyRaw(type, data).Should().BeFalse();

        fold.Fold.State.Should().Be(before);
        fold.Fold.Sequence.Should().Be(1);
        fold.Snapshot()["seq"]!.GetValue<long>().Should().Be(1);
    }

    [Theory]
    [InlineData("conversation", "conversation.created", """{"title":"x","participants":[null]}""")]
    [InlineData("conversation", "conversation.updated", """{"labels":{"a":null}}""")]
    [InlineData("conversation", "message.created", """{"messageId":"m1","role":"user","text":"x","artifactIds":[null]}""")]
    [InlineData("agent", "agent.registered", """{"name":"x","capabilities":[null],"grants":[null]}""")]
    [InlineData("agent", "agent.updated", """{"capabilities":[null],"grants":[null]}""")]
    public void Apply_NullsInLists_AreLeftOut(string kind, string type, string data)
    {
        var topic = new FoldUnderTest(Topic.Parse($"{kind}:x"));
        topic.ApplyRaw("agent.registered", """{"name":"x"}""");

        topic.ApplyRaw(type, data).Should().BeTrue();

        topic.Fold.PermissionOf(Node.Callers.Ada).Should().BeNull();
        topic.Fold.State.Readers.Should().NotContainNulls();
        topic.Snapshot().ToJsonString().Should().NotContain("null");
    }

    [Fact]
    public void Messages_MoreThan200Closed_KeepsTheNewestAndEveryOpenOne()
    {
        fold.WithRun();
        fold.Apply(EventTypes.MessageStarted, new MessageStarted("open", MessageRole.Assistant), "r1", Subject.Agent("writer"));
        for (var i = 0; i < 205; i++)
        {
            fold.Apply(EventTypes.MessageCreated, new MessageCreated($"m{i}", MessageRole.User, $"text {i}"));
        }

        fold.Conversation.Messages.All.Should().HaveCount(201);
        fold.Conversation.Messages.All[0].MessageId.Should().Be("open");
        fold.Conversation.Messages.All[1].MessageId.Should().Be("m5");
        fold.Conversation.Messages.OlderUpTo.Should().Be(StateMark.Of(fold.Events[7]));
        fold.Snapshot().ContainsKey("messagesBefore").Should().BeTrue();
    }

    [Fact]
    public void Messages_Exactly200_HasNoOlder()
    {
        for (var i = 0; i < 200; i++)
        {
            fold.Apply(EventTypes.MessageCreated, new MessageCreated($"m{i}", MessageRole.User, "x"));
        }

        fold.Snapshot().ContainsKey("messagesBefore").Should().BeFalse();
        fold.Snapshot()["messages"]!.AsArray().Should().HaveCount(200);
    }
}
