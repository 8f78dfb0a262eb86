using System.Text;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Tests.Node;

namespace RealtimeHub.Core.Tests.Features;

/// <summary>What PublishEvents stores.</summary>
public sealed class PublishTests : World
{
    [Fact]
    public async Task Publish_WholeRun_IsStoredInOrder()
    {
        var run = await RunAsync(start: false);
        PublishedEvent[] events =
        [
            Event(EventTypes.RunStarted, new RunStarted(run, "writer")),
            Event(EventTypes.RunStepStarted, new RunStep(run, "s1", "Search")),
            Event(EventTypes.ReasoningStarted, new ReasoningStarted("t1", "Plan"), run),
            Event(EventTypes.ReasoningDelta, new ReasoningDelta("t1", "Hm", 0), run),
            Event(EventTypes.ReasoningCompleted, new ReasoningCompleted("t1", "Hm"), run),
            Event(EventTypes.ToolCallStarted, new ToolCallStarted("tc1", "search"), run),
            Event(EventTypes.ToolCallArgumentsDelta, new ToolCallArgumentsDelta("tc1", "{}", 0), run),
            Event(EventTypes.ToolCallCompleted, new ToolCallCompleted("tc1", Json("{}"), Json("[]"), IsError: false), run),
            Event(EventTypes.RunStepCompleted, new RunStep(run, "s1", "Search")),
            Event(EventTypes.MessageStarted, new MessageStarted("m1", MessageRole.Assistant), run),
            Event(EventTypes.MessageDelta, new MessageDelta("m1", "🌍", 0), run),
            Event(EventTypes.MessageDelta, new MessageDelta("m1", "!", 2), run),
            Event(EventTypes.MessageCompleted, new MessageCompleted("m1", "🌍!"), run),
            Event(EventTypes.MessageCreated, new MessageCreated("m2", MessageRole.Assistant, "Whole"), run),
            Event(EventTypes.RunUsage, new RunUsage(run, 1, 2)),
            new PublishedEvent { Type = "custom.note", Data = Json("""{"any":[1]}"""), RunId = run },
            Event(EventTypes.RunCompleted, new RunCompleted(run, Json("1"))),
        ];
        var before = Count;

        var reply = await PublishAsync(Callers.Writer, events);

        Ok(reply).Should().Be(new PublishResult(17, Last.Sequence));
        reply.Seq.Should().Be(Last.Sequence);
        var stored = Node.Log.Events.Skip(before).ToList();
        stored.Select(e => e.Type).Should().Equal(events.Select(e => e.Type));
        stored.Should().OnlyContain(e => e.Topic.Topic == Conversation && e.RunId == run && e.Actor == Subject.Agent("writer"));
        stored[10].Lane.Should().Be(Lane.Stream);
    }

    [Fact]
    public async Task Publish_Event_KeepsWhatItsPublisherSays()
    {
        var run = await RunAsync();
        var e = new PublishedEvent
        {
            Id = "my-id", Type = "custom.note", RunId = run, Time = Node.Time.GetUtcNow().AddMinutes(-5),
            Traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", Data = Json("""{ "z": 1.50, "a": "\u00e9" }"""),
        };

        Ok(await PublishAsync(Callers.Writer, e));

        (Last.Id, Last.Time, Last.Traceparent).Should().Be(("my-id", e.Time!.Value, e.Traceparent));
        Encoding.UTF8.GetString(Last.Data.Span).Should().Be("""{ "z": 1.50, "a": "\u00e9" }"""); // raw, as it came
    }

    [Fact]
    public async Task Publish_UnknownMembersOfData_AreKept()
    {
        var run = await RunAsync();
        var data = Json($$"""{"runId":"{{run}}","inputTokens":1,"outputTokens":2,"model":"x"}""");

        Ok(await PublishAsync(Callers.Writer, new PublishedEvent { Type = EventTypes.RunUsage, Data = data }));

        Encoding.UTF8.GetString(Last.Data.Span).Should().Contain("\"model\":\"x\"");
    }

    [Fact]
    public async Task Publish_AgentIdLeftOut_IsTheOnlyOneOfTheToken()
    {
        var run = await RunAsync();

        Ok(await PublishAsync(Callers.Writer, Event(EventTypes.RunUsage, new RunUsage(run, 1, 2))));
        await InvalidAsync(() => PublishAsync(Callers.AgentRuntime("critic", "other"), Event(EventTypes.RunUsage, new RunUsage(run, 1, 2))), "agentId");
    }

    [Fact]
    public async Task Publish_SeveralAgents_SpeaksForTheOneNamed()
    {
        var run = await RunAsync();
        var both = Callers.AgentRuntime("critic", "writer");
        var request = new PublishEvents { Topic = C1, AgentId = "writer", Events = [Event(EventTypes.RunUsage, new RunUsage(run, 1, 2))] };

        Ok(await Node.Send(both, request));
        Last.Actor.Should().Be(Subject.Agent("writer"));
        await RefusedAsync(ErrorCode.Forbidden, () => Node.Send(both, request with { AgentId = "critic" }));
        await RefusedAsync(ErrorCode.Forbidden, () => Node.Send(Callers.Critic, request));
    }

    [Fact]
    public async Task Publish_Status_GoesIntoItsOwnTopic()
    {
        await RunAsync();
        await AgentAsync("critic");
        PublishEvents Status(string agent) => new()
        {
            Topic = $"agent:{agent}", Events = [Event(EventTypes.AgentStatusChanged, new AgentStatusChanged(AgentStatus.Online))],
        };

        Ok(await Node.Send(Callers.Writer, Status("writer")));
        (Last.Type, Last.Topic.Topic, Last.Actor).Should().Be((EventTypes.AgentStatusChanged, WriterTopic, Subject.Agent("writer")));
        await RefusedAsync(ErrorCode.Forbidden, () => Node.Send(Callers.Writer, Status("critic")));
        await RefusedAsync(ErrorCode.Forbidden, () => Node.Send(Callers.Ada, Status("writer")));
        await RefusedAsync(ErrorCode.Forbidden, () => Node.Send(Callers.Writer, Status("critic") with { Topic = C1 }));
        await RefusedAsync(ErrorCode.NotFound, () => Node.Send(Callers.Writer, Status("nobody")));
        await RefusedAsync(ErrorCode.NotFound, () => Node.Send(Callers.AgentRuntime("nobody"), Status("nobody")));
    }

    [Fact]
    public async Task Publish_Custom_TakesAtLeastMember()
    {
        var run = await RunAsync();
        var note = new PublishedEvent { Type = "custom.note", Data = Json("{}") };

        Ok(await PublishAsync(Callers.Bob, note));
        (Last.Actor, Last.RunId).Should().Be((Subject.User("bob"), null));
        await RefusedAsync(ErrorCode.Forbidden, () => PublishAsync(Olga, note));
        await RefusedAsync(ErrorCode.NotFound, () => PublishAsync(Callers.Eve, note));
        await RefusedAsync(ErrorCode.Forbidden, () => PublishAsync(Callers.Writer, note)); // it sees the conversation by its run alone
        Ok(await PublishAsync(Callers.Writer, note with { RunId = run }));
    }

    [Fact]
    public async Task Publish_AgentWhoIsMember_PublishesCustomWithoutARun()
    {
        await ConversationAsync();
        Ok(await Node.Send(
            Callers.Ada, new AddParticipant { ConversationId = "c1", Participant = new() { Kind = SubjectKind.Agent, Id = "writer" } }));

        Ok(await PublishAsync(Callers.Writer, new PublishedEvent { Type = "custom.note", Data = Json("{}") }));
    }

    [Fact]
    public async Task Publish_WithoutScope_IsForbidden()
    {
        await ConversationAsync();

        await RefusedAsync(ErrorCode.Forbidden, () => PublishAsync(
            Callers.Ada.Without(Scopes.EventsPublish), new PublishedEvent { Type = "custom.note", Data = Json("{}") }));
    }

    [Fact]
    public async Task Publish_ManyAtOnceIntoOneMessage_OffsetsDecideTheOrder()
    {
        var run = await RunAsync();
        Ok(await PublishAsync(Callers.Writer, Event(EventTypes.MessageStarted, new MessageStarted("m1", MessageRole.Assistant), run)));

        var replies = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ =>
            PublishAsync(Callers.Writer, Event(EventTypes.MessageDelta, new MessageDelta("m1", "x", 0), run))));

        replies.Count(r => r.Ok).Should().Be(1);
        replies.Where(r => !r.Ok).Should().OnlyContain(r => r.Error!.Code == ErrorCode.Conflict);
        Node.Log.Events.Count(e => e.Type == EventTypes.MessageDelta).Should().Be(1);
    }
}
