using RealtimeHub.Contracts;
using RealtimeHub.Core.Features.Conversations;
using RealtimeHub.Core.Tests.Node;

namespace RealtimeHub.Core.Tests.Features;

public sealed class UpdateConversationTests : World
{
    [Fact]
    public async Task Update_OneMember_LeavesTheOther()
    {
        await ConversationAsync();
        Ok(await Node.Send(Callers.Bob, new UpdateConversation { ConversationId = "c1", Labels = new Dictionary<string, string> { ["case"] = "17" } }));

        Ok(await Node.Send(Callers.Bob, new UpdateConversation { ConversationId = "c1", Title = "Claim" }));

        var state = await StateAsync();
        (state.Title, state.Labels["case"]).Should().Be(("Claim", "17"));
        Last.Read<ConversationUpdated>().Labels.Should().BeNull("what was not given is not in the event");
    }

    [Fact]
    public async Task Update_EmptyLabels_ClearsThem()
    {
        await ConversationAsync();
        Ok(await Node.Send(Callers.Ada, new UpdateConversation { ConversationId = "c1", Labels = new Dictionary<string, string> { ["case"] = "17" } }));

        Ok(await Node.Send(Callers.Ada, new UpdateConversation { ConversationId = "c1", Labels = new Dictionary<string, string>() }));

        (await StateAsync()).Labels.Should().BeEmpty();
    }

    [Fact]
    public async Task Update_ThatChangesNothing_IsOkAndAppendsNothing()
    {
        await ConversationAsync();
        var before = Count;

        var same = await Node.Send(Callers.Ada, new UpdateConversation { ConversationId = "c1", Title = "Refund" });
        var nothing = await Node.Send(Callers.Ada, new UpdateConversation { ConversationId = "c1" });

        (same.Ok, same.Seq, nothing.Ok, nothing.Seq).Should().Be((true, null, true, null));
        Count.Should().Be(before);
    }

    [Fact]
    public async Task Archive_ThenWhateverChangesIt_IsConflict()
    {
        var run = await RunAsync();
        Ok(await Node.Send(Callers.Ada, new ArchiveConversation { ConversationId = "c1" }));

        await RefusedAsync(ErrorCode.Conflict, () => Node.Send(Callers.Ada, new SendMessage { ConversationId = "c1", Text = "Hi" }));
        await RefusedAsync(ErrorCode.Conflict, () => Node.Send(Callers.Ada, new UpdateConversation { ConversationId = "c1", Title = "B" }));
        await RefusedAsync(ErrorCode.Conflict, () => Node.Send(Callers.Ada, new AddParticipant { ConversationId = "c1", Participant = Person("zoe") }));
        await RefusedAsync(ErrorCode.Conflict, () => Node.Send(Callers.Ada, new StartRun { AgentId = "writer", ConversationId = "c1", Input = Json("1") }));
        Ok(await PublishAsync(Callers.Writer, Event(EventTypes.RunCompleted, new RunCompleted(run))));
        Ok(await Node.Send(Callers.Bob, new RemoveParticipant { ConversationId = "c1", Participant = Person("bob") }));
        Ok(await Node.Send(Callers.Ada, new GetSnapshot { Topic = C1 })).State.GetProperty("archived").GetBoolean().Should().BeTrue();
    }

    [Fact]
    public async Task Archive_Twice_IsOkAndAppendsNothing()
    {
        await ConversationAsync();
        Ok(await Node.Send(Callers.Ada, new ArchiveConversation { ConversationId = "c1" }));
        var before = Count;

        (await Node.Send(Callers.Ada, new ArchiveConversation { ConversationId = "c1" })).Seq.Should().BeNull();

        Count.Should().Be(before);
    }

    private async Task<ConversationState> StateAsync() => (await Node.FoldAsync(Conversation)).StateAs<ConversationState>();
}
