using RealtimeHub.Contracts;
using RealtimeHub.Core.Tests.Node;

namespace RealtimeHub.Core.Tests.Features;

/// <summary>What PublishEvents refuses, line by line of the protocol.</summary>
public sealed class PublishRefusalTests : World
{
    private static PublishedEvent Note(string data = "{}") => new() { Type = "custom.note", Data = Json(data) };

    private static PublishedEvent Delta(string run, string text, int? offset = null, string id = "m1") =>
        Event(EventTypes.MessageDelta, new MessageDelta(id, text, offset), run);

    private static PublishedEvent Started(string run, string id = "m1") =>
        Event(EventTypes.MessageStarted, new MessageStarted(id, MessageRole.Assistant), run);

    [Fact]
    public async Task Shape_Malformed_NamesTheMember()
    {
        var run = await RunAsync();
        await BadAsync("events[0].type", Note() with { Type = "message.teleported" });
        await BadAsync("events[0].type", Note() with { Type = "custom." });
        await BadAsync("events[0].type", Note() with { Type = null! });
        await BadAsync("events[0].id", Note() with { Id = "a b" });
        await BadAsync("events[0].runId", Note() with { RunId = "a b" });
        await BadAsync("events[0].traceparent", Note() with { Traceparent = "garbage" });
        await BadAsync("events[0].data", Note("[]") with { Type = EventTypes.MessageDelta });
        await BadAsync("events[0].data", Note() with { Data = default });
        await BadAsync("events[0].data", Note("""{"a":"\udc00"}"""));
        await BadAsync("events[0].data", Note("""{"a":"\ud800x"}"""));
        await BadAsync("events[0].data", Note("""{"a":{"b":1,"b":2}}"""));
        await BadAsync("events[1].type", Note(), Note() with { Type = "x" });
        await BadAsync("events[0].runId", Event(EventTypes.RunUsage, new RunUsage(run, 1, 2), runId: "other"));
        await BadAsync("events[0].data.inputTokens", Event(EventTypes.RunUsage, new RunUsage(run, -1, 2)));
        await BadAsync("events[0].data.outputTokens", Event(EventTypes.RunUsage, new RunUsage(run, 1, -2)));
        await BadAsync("events[0].data.cost", Event(EventTypes.RunUsage, new RunUsage(run, 1, 2, -0.1m)));
        await BadAsync("events[0].data.durationMs", Event(EventTypes.RunUsage, new RunUsage(run, 1, 2, 0.1m, -1)));
        await BadAsync("events[0].data.usage.outputTokens", Event(EventTypes.RunCompleted, new RunCompleted(run, Usage: new Usage(1, -2))));
        await BadAsync("events[0].data.usage.cost", Event(EventTypes.RunFailed, new RunFailed(run, new RunError("x", "y"), new Usage(1, 2, -1m))));
        await BadAsync("events[0].data.usage.durationMs", Event(EventTypes.RunCancelled, new RunCancelled(run, Usage: new Usage(1, 2, 1m, -1))));
        await BadAsync("events[0].data.messageId", Started(run, "a b"));
        await BadAsync("events[0].data.offset", Delta(run, "x", -1));
        await BadAsync("events[0].data.text", new PublishedEvent { Type = EventTypes.MessageDelta, RunId = run, Data = Json("""{"messageId":"m1"}""") });
        await BadAsync("events[0].data.text", new PublishedEvent { Type = EventTypes.MessageDelta, RunId = run, Data = Json("""{"messageId":"m1","text":5}""") });
        await BadAsync("events[0].data.role", new PublishedEvent { Type = EventTypes.MessageStarted, RunId = run, Data = Json("""{"messageId":"m1","role":"robot"}""") });
        await BadAsync("events");
        await BadAsync("events", [.. Enumerable.Range(0, 501).Select(_ => Note())]);
        await BadAsync("events", Note() with { Id = "same" }, Note() with { Id = "same" });
        await InvalidAsync(() => Node.Send(Callers.Writer, new PublishEvents { Topic = C1, Events = null! }), "events");
        await InvalidAsync(() => Node.Send(Callers.Writer, new PublishEvents { Topic = C1, Events = [null!] }), "events");
        await InvalidAsync(() => Node.Send(Callers.Writer, new PublishEvents { Topic = "c1", Events = [Note()] }), "topic");
        await InvalidAsync(() => Node.Send(Callers.Writer, new PublishEvents { Topic = C1, AgentId = "?", Events = [Note()] }), "agentId");
    }

    [Fact]
    public async Task Shape_CharacterSplitBetweenTwoDeltas_IsInvalid()
    {
        var run = await RunAsync();
        Ok(await PublishAsync(Callers.Writer, Started(run)));
        var half = new PublishedEvent { Type = EventTypes.MessageDelta, RunId = run, Data = Json("""{"messageId":"m1","text":"\ud83c"}""") };

        await InvalidAsync(() => PublishAsync(Callers.Writer, half), "events[0].data", "events[0].data.text");
    }

    [Theory]
    [InlineData(11)]
    [InlineData(-11)]
    public async Task Time_OfAClockThatIsOff_IsInvalid(int minutes)
    {
        await ConversationAsync();

        await InvalidAsync(() => PublishAsync(Callers.Ada, Note() with { Time = Node.Time.GetUtcNow().AddMinutes(minutes) }), "events[0].time");
    }

    [Fact]
    public async Task Time_WhenItIsSentAgainLater_IsAcknowledged()
    {
        await ConversationAsync();
        var note = Note() with { Id = "n1", Time = Node.Time.GetUtcNow().AddMinutes(-9) };
        var first = Ok(await PublishAsync(Callers.Ada, note));

        Node.Time.Advance(TimeSpan.FromHours(2));

        Ok(await PublishAsync(Callers.Ada, note)).Should().Be(first);
    }

    [Theory]
    [InlineData("[1]")]
    [InlineData("\"text\"")]
    [InlineData("5")]
    [InlineData("null")]
    public async Task Custom_AnyJson_IsTaken(string data)
    {
        await ConversationAsync();

        Ok(await PublishAsync(Callers.Ada, Note(data)));

        Node.EventsOf(Conversation)[^1].Data.ToArray().Should().Equal(System.Text.Encoding.UTF8.GetBytes(data));
    }

    [Fact]
    public async Task Custom_IntoARun_IsItsAgentsAlone()
    {
        var run = await RunAsync();

        await RefusedAsync(ErrorCode.Forbidden, () => PublishAsync(Callers.Ada, Note() with { RunId = run }));
        Ok(await PublishAsync(Callers.Writer, Note() with { RunId = run }));
    }

    [Fact]
    public async Task Custom_Over64KiB_IsTooLarge()
    {
        await ConversationAsync();

        Ok(await PublishAsync(Callers.Ada, Note($$"""{"a":"{{new string('x', (64 * 1024) - 8)}}"}""")));
        await RefusedAsync(ErrorCode.TooLarge, () => PublishAsync(Callers.Ada, Note($$"""{"a":"{{new string('x', (64 * 1024) - 7)}}"}""")));
    }

    [Fact]
    public async Task Run_MissingOrUnknown_IsInvalid()
    {
        var run = await RunAsync();

        await RefusedAtAsync(ErrorCode.InvalidRequest, 0, Started(null!));
        await RefusedAtAsync(ErrorCode.InvalidRequest, 1, Started(run), Started("r9", "m2"));
        await RefusedAtAsync(ErrorCode.InvalidRequest, 0, Event(EventTypes.RunStarted, new RunStarted(run, "other")));
    }

    [Fact]
    public async Task Run_OfAnotherItem_IsInvalid()
    {
        var run = await RunAsync();
        var other = await AnotherRunAsync();
        Ok(await PublishAsync(Callers.Writer, Started(run)));

        await RefusedAtAsync(ErrorCode.InvalidRequest, 0, Delta(other, "x"));
    }

    [Theory]
    [InlineData(EventTypes.ConversationArchived, "{}")]
    [InlineData(EventTypes.ConversationUpdated, """{"title":"x"}""")]
    [InlineData(EventTypes.ParticipantJoined, """{"participant":{"kind":"user","id":"eve","role":"owner"}}""")]
    [InlineData(EventTypes.RunRequested, """{"runId":"r1","agentId":"writer","input":1,"deadline":"2026-01-01T00:00:00Z"}""")]
    [InlineData(EventTypes.RunCancelRequested, """{"runId":"r1"}""")]
    [InlineData(EventTypes.RunSteered, """{"runId":"r1","instruction":"x"}""")]
    [InlineData(EventTypes.RunStalled, """{"runId":"r1","reason":"agent_offline"}""")]
    [InlineData(EventTypes.RunResumed, """{"runId":"r1","reason":"agent_offline"}""")]
    [InlineData(EventTypes.AgentRegistered, """{"name":"x"}""")]
    [InlineData(EventTypes.AgentUpdated, """{"name":"x"}""")]
    public async Task Type_NotYoursToPublish_IsForbidden(string type, string data)
    {
        await RunAsync();

        await RefusedAtAsync(ErrorCode.Forbidden, 0, new PublishedEvent { Type = type, Data = Json(data) });
    }

    [Theory]
    [InlineData(MessageRole.User)]
    [InlineData(MessageRole.System)]
    public async Task Role_NotAssistant_IsForbidden(MessageRole role)
    {
        var run = await RunAsync();

        await RefusedAtAsync(ErrorCode.Forbidden, 0, Event(EventTypes.MessageStarted, new MessageStarted("m1", role), run));
        await RefusedAtAsync(ErrorCode.Forbidden, 0, Event(EventTypes.MessageCreated, new MessageCreated("m1", role, "x"), run));
    }

    [Fact]
    public async Task Delta_NeverStarted_IsNotFound()
    {
        var run = await RunAsync();

        await RefusedAtAsync(ErrorCode.NotFound, 0, Delta(run, "x"));
        await RefusedAtAsync(ErrorCode.NotFound, 0, Event(EventTypes.ReasoningDelta, new ReasoningDelta("t1", "x"), run));
        await RefusedAtAsync(ErrorCode.NotFound, 0, Event(EventTypes.ToolCallArgumentsDelta, new ToolCallArgumentsDelta("tc1", "x"), run));
        await RefusedAtAsync(ErrorCode.NotFound, 0, Event(EventTypes.MessageCompleted, new MessageCompleted("m1", "x"), run));
        await RefusedAtAsync(ErrorCode.NotFound, 0, Event(EventTypes.ReasoningCompleted, new ReasoningCompleted("t1", "x"), run));
        await RefusedAtAsync(ErrorCode.NotFound, 0, Event(EventTypes.ToolCallCompleted, new ToolCallCompleted("tc1"), run));
    }

    [Fact]
    public async Task Delta_Completed_IsConflict()
    {
        var run = await RunAsync();
        Ok(await PublishAsync(Callers.Writer, Started(run), Event(EventTypes.MessageCompleted, new MessageCompleted("m1", "x"), run)));

        await RefusedAtAsync(ErrorCode.Conflict, 0, Delta(run, "x"));
        await RefusedAtAsync(ErrorCode.Conflict, 0, Started(run));
        await RefusedAtAsync(ErrorCode.Conflict, 0, Event(EventTypes.MessageCompleted, new MessageCompleted("m1", "y"), run));
    }

    [Theory]
    [InlineData(C1)]
    [InlineData("agent:writer")]
    public async Task Message_ThatCameWhole_IsThereLikeAnyOther(string topic)
    {
        await ConversationAsync();
        await AgentAsync();
        var run = Ok(await Node.Send(
            Callers.Ada, new StartRun { AgentId = "writer", ConversationId = topic == C1 ? "c1" : null, Input = Json("1") })).RunId;
        var created = Event(EventTypes.MessageCreated, new MessageCreated("m1", MessageRole.Assistant, "Hi"), run);
        Ok(await SendAsync(created));

        foreach (var again in (PublishedEvent[])[created, Started(run), Delta(run, "x"), Event(EventTypes.MessageCompleted, new MessageCompleted("m1", "x"), run)])
        {
            var error = await RefusedAsync(ErrorCode.Conflict, () => SendAsync(again));
            error.Details!["open"]!.GetValue<bool>().Should().BeFalse();
        }

        Task<Reply<PublishResult>> SendAsync(PublishedEvent e) => Node.Send(Callers.Writer, new PublishEvents { Topic = topic, Events = [e] });
    }

    [Fact]
    public async Task Agent_LeftOutByATokenOfSeveral_IsInvalid()
    {
        var run = await RunAsync();
        var several = Callers.AgentRuntime("writer", "critic");
        var publish = new PublishEvents { Topic = C1, Events = [Started(run)] };

        await InvalidAsync(() => Node.Send(several, publish), "agentId");
        await InvalidAsync(() => Node.Send(several, publish with { Topic = "conversation:none" }), "agentId");
        await RefusedAsync(ErrorCode.Forbidden, () => Node.Send(several.Without(Scopes.EventsPublish), publish));
        Ok(await Node.Send(several, publish with { AgentId = "writer" }));
    }

    [Fact]
    public async Task Delta_OfAnotherKindOfItem_IsRefused()
    {
        var run = await RunAsync();
        Ok(await PublishAsync(Callers.Writer, Event(EventTypes.ReasoningStarted, new ReasoningStarted("x1"), run)));

        await RefusedAtAsync(ErrorCode.NotFound, 0, Delta(run, "x", id: "x1"));
        await RefusedAtAsync(ErrorCode.NotFound, 0, Event(EventTypes.MessageCompleted, new MessageCompleted("x1", "x"), run));
        await RefusedAtAsync(ErrorCode.NotFound, 0, Event(EventTypes.ToolCallCompleted, new ToolCallCompleted("x1"), run));
    }

    [Fact]
    public async Task Delta_OffsetDoesNotFit_IsConflictWithTheExpectedOne()
    {
        var run = await RunAsync();
        Ok(await PublishAsync(Callers.Writer, Started(run), Delta(run, "🌍", 0)));

        var error = await RefusedAtAsync(ErrorCode.Conflict, 1, Delta(run, "!", 2), Delta(run, "?", 2));
        error.Details!["expected"]!.GetValue<int>().Should().Be(3);
        error = await RefusedAtAsync(ErrorCode.Conflict, 0, Delta(run, "!", 1));
        error.Details!["expected"]!.GetValue<int>().Should().Be(2);
        Ok(await PublishAsync(Callers.Writer, Delta(run, "!", 2)));
    }

    [Fact]
    public async Task Text_Over256KiBTogether_IsTooLarge()
    {
        var run = await RunAsync();
        var half = new string('é', 64 * 1024);
        Ok(await PublishAsync(Callers.Writer, Started(run), Delta(run, half), Delta(run, half)));

        await RefusedAtAsync(ErrorCode.TooLarge, 0, Delta(run, "x"));
        await RefusedAtAsync(ErrorCode.TooLarge, 0, Event(EventTypes.MessageCompleted, new MessageCompleted("m1", half + half + "x"), run));
        await RefusedAtAsync(ErrorCode.TooLarge, 0, Event(EventTypes.MessageCreated, new MessageCreated("m2", MessageRole.Assistant, half + half + "x"), run));
        Ok(await PublishAsync(Callers.Writer, Event(EventTypes.MessageCompleted, new MessageCompleted("m1", half + half), run)));
    }

    [Fact]
    public async Task Event_Over512KiB_IsTooLarge()
    {
        var run = await RunAsync();

        await RefusedAsync(ErrorCode.TooLarge, () => PublishAsync(
            Callers.Writer, Event(EventTypes.RunCompleted, new RunCompleted(run, Json($"\"{new string('x', 512 * 1024)}\"")))));
    }

    [Fact]
    public async Task Run_OfAnotherAgent_IsForbiddenToWhoSeesIt()
    {
        var run = await RunAsync();
        await AgentAsync("critic");
        Ok(await Node.Send(Callers.Ada, new StartRun { AgentId = "critic", ConversationId = "c1", Input = Json("1") }));

        (await RefusedAsync(ErrorCode.Forbidden, () => PublishAsync(Callers.Critic, Started(run)))).Details!["index"]!.GetValue<int>().Should().Be(0);
        await RefusedAsync(ErrorCode.Forbidden, () => PublishAsync(Callers.Ada, Started(run)));
        await RefusedAsync(ErrorCode.Forbidden, () => PublishAsync(Callers.Admin, Started(run)));
    }

    [Fact]
    public async Task Run_OfAnotherAgentUnseen_IsNotFoundLikeNothing()
    {
        var run = await RunAsync();

        var hidden = await RefusedAsync(ErrorCode.NotFound, () => PublishAsync(Callers.Critic, Started(run)));
        var absent = await RefusedAsync(ErrorCode.NotFound, () => Node.Send(
            Callers.Critic, new PublishEvents { Topic = "conversation:none", Events = [Started(run)] }));
        var noRun = await RefusedAsync(ErrorCode.NotFound, () => PublishAsync(Callers.Critic, Started("r9")));
        hidden.Should().Be(absent).And.Be(noRun);
    }

    [Theory]
    [InlineData("completed")]
    [InlineData("failed")]
    [InlineData("cancelled")]
    public async Task Run_Ended_IsStillSeenByItsAgentAndAnswersConflict(string status)
    {
        var run = await RunAsync();
        Ok(await PublishAsync(Callers.Writer, Started(run), status switch
        {
            "completed" => Event(EventTypes.RunCompleted, new RunCompleted(run)),
            "failed" => Event(EventTypes.RunFailed, new RunFailed(run, new RunError("boom", "It broke."))),
            _ => Event(EventTypes.RunCancelled, new RunCancelled(run)),
        }));

        (await RefusedAtAsync(ErrorCode.Conflict, 0, Delta(run, "late"))).Details!["status"]!.GetValue<string>().Should().Be(status);
        await RefusedAtAsync(ErrorCode.Conflict, 0, Event(EventTypes.RunCompleted, new RunCompleted(run)));
        await RefusedAtAsync(ErrorCode.Conflict, 0, Event(EventTypes.RunFailed, new RunFailed(run, new RunError("late", ""))));
        await RefusedAtAsync(ErrorCode.Conflict, 0, Note() with { RunId = run });
        await RefusedAtAsync(ErrorCode.Conflict, 0, Event(EventTypes.RunUsage, new RunUsage(run, 1, 2)));
    }

    [Fact]
    public async Task Run_StartedTwice_IsConflict()
    {
        var run = await RunAsync();

        await RefusedAtAsync(ErrorCode.Conflict, 0, Event(EventTypes.RunStarted, new RunStarted(run, "writer")));
    }

    [Fact]
    public async Task Run_CopyOfOne_IsNoRunOfThatTopic()
    {
        var run = await RunAsync();
        await Node.StartAsync();
        await Node.ProjectedAsync();

        await InvalidAsync(
            () => Node.Send(Callers.Writer, new PublishEvents { Topic = "agent:writer", Events = [Event(EventTypes.RunCompleted, new RunCompleted(run))] }),
            "events[0].runId");
    }

    [Fact]
    public async Task Batch_TheLastIsBad_StoresNothing()
    {
        var run = await RunAsync();

        var error = await RefusedAtAsync(ErrorCode.Conflict, 2, Started(run), Delta(run, "a", 0), Delta(run, "b", 5));

        error.Details!["stored"]!.GetValue<int>().Should().Be(0);
        error.Message.Should().StartWith("events[2]: ");
    }

    [Fact]
    public async Task Batch_AfterTheEndOfItsOwnRun_IsConflict()
    {
        var run = await RunAsync();

        await RefusedAtAsync(ErrorCode.Conflict, 1, Event(EventTypes.RunCompleted, new RunCompleted(run)), Started(run));
    }

    private Task BadAsync(string path, params PublishedEvent[] events) => InvalidAsync(() => PublishAsync(Callers.Writer, events), path);

    private async Task<Error> RefusedAtAsync(ErrorCode code, int index, params PublishedEvent[] events)
    {
        var error = await RefusedAsync(code, () => PublishAsync(Callers.Writer, events));
        error.Details!["index"]!.GetValue<int>().Should().Be(index);
        return error;
    }
}
