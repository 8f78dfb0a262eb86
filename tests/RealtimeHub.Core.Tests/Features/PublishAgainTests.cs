using Microsoft.Extensions.DependencyInjection;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Tests.Node;
using RealtimeHub.Specification;
using RealtimeHub.Specification.InMemory;

namespace RealtimeHub.Core.Tests.Features;

/// <summary>Sending the same events again.</summary>
public sealed class PublishAgainTests : World
{
    private static PublishedEvent[] Message(string run) =>
    [
        Event(EventTypes.MessageStarted, new MessageStarted("m1", MessageRole.Assistant), run, "e1"),
        Event(EventTypes.MessageDelta, new MessageDelta("m1", "Hel", 0), run, "e2"),
        Event(EventTypes.MessageDelta, new MessageDelta("m1", "lo", 3), run, "e3"),
        Event(EventTypes.MessageCompleted, new MessageCompleted("m1", "Hello"), run, "e4"),
    ];

    [Fact]
    public async Task Resend_SameIds_IsAcknowledgedAndStoredOnce()
    {
        var run = await RunAsync();
        var first = await PublishAsync(Callers.Writer, Message(run)[..3]);
        var before = Count;

        (await PublishAsync(Callers.Writer, Message(run)[..3])).Should().Be(first);

        Count.Should().Be(before);
    }

    [Fact]
    public async Task Resend_SomeAreNew_StoresThoseAlone()
    {
        var run = await RunAsync();
        Ok(await PublishAsync(Callers.Writer, Message(run)[..2]));
        var before = Count;

        Ok(await PublishAsync(Callers.Writer, Message(run))).Should().Be(new PublishResult(4, Last.Sequence));

        Count.Should().Be(before + 2);
        (await Node.FoldAsync(Conversation)).StateAs<Core.Features.Conversations.ConversationState>().Messages.Find("m1")!.Text.Should().Be("Hello");
    }

    [Fact]
    public async Task Resend_AfterCompletionAndEndOfRun_IsAcknowledged()
    {
        var run = await RunAsync();
        Ok(await PublishAsync(Callers.Writer, Message(run)));
        var ended = await PublishAsync(Callers.Writer, Event(EventTypes.RunCompleted, new RunCompleted(run), id: "e5"));
        var before = Count;

        Ok(await PublishAsync(Callers.Writer, Message(run)));
        (await PublishAsync(Callers.Writer, Event(EventTypes.RunCompleted, new RunCompleted(run), id: "e5"))).Should().Be(ended);
        Ok(await PublishAsync(Callers.Writer, [.. Message(run), Event(EventTypes.RunCompleted, new RunCompleted(run), id: "e5")]));

        Count.Should().Be(before);
    }

    [Fact]
    public async Task Resend_AfterTheAgentLostItsPermission_IsStillAcknowledged()
    {
        await ConversationAsync();
        var agent = new Participant { Kind = SubjectKind.Agent, Id = "writer" };
        Ok(await Node.Send(Callers.Ada, new AddParticipant { ConversationId = "c1", Participant = agent }));
        var note = new PublishedEvent { Id = "n1", Type = "custom.note", Data = Json("{}") };
        Ok(await PublishAsync(Callers.Writer, note));
        Ok(await Node.Send(Callers.Ada, new AddParticipant { ConversationId = "c1", Participant = agent with { Role = ParticipantRole.Observer } }));

        Ok(await PublishAsync(Callers.Writer, note));
        await RefusedAsync(ErrorCode.Forbidden, () => PublishAsync(Callers.Writer, note with { Id = "n2" }));
    }

    [Fact]
    public async Task Resend_ByWhoMaySeeTheTopicNoMore_IsAcknowledgedAndNothingElse()
    {
        await ConversationAsync();
        var note = new PublishedEvent { Id = "n1", Type = "custom.note", Data = Json("{}") };
        var first = Ok(await PublishAsync(Callers.Bob, note));
        Ok(await PublishAsync(Callers.Ada, note with { Id = "ada" }));
        Ok(await Node.Send(Callers.Ada, new RemoveParticipant { ConversationId = "c1", Participant = Person("bob") }));

        Ok(await PublishAsync(Callers.Bob, note)).Should().Be(first);

        (await RefusedAsync(ErrorCode.NotFound, () => PublishAsync(Callers.Bob, note with { Id = "n2" }))).Should().Be(Error.NotFound);
        (await RefusedAsync(ErrorCode.NotFound, () => PublishAsync(Callers.Bob, note with { Id = "ada" }))).Should().Be(Error.NotFound);
        foreach (var other in (PublishedEvent[])[note with { Id = "n2" }, note with { Id = "ada" }, note with { Id = null, Time = default(DateTimeOffset) }])
        {
            var refused = await RefusedAsync(ErrorCode.NotFound, () => PublishAsync(Callers.Bob, note, other));
            refused.Details!.ToJsonString().Should().Be($$"""{"index":1,"stored":1,"lastSeq":{{first.LastSeq}}}""");
        }
    }

    [Fact]
    public async Task Resend_OfARunThatTheTopicForgot_IsAcknowledged()
    {
        var run = await RunAsync();
        var end = Event(EventTypes.RunCompleted, new RunCompleted(run), id: "e9");
        var first = Ok(await PublishAsync(Callers.Writer, end));
        for (var i = 0; i < Core.Features.Runs.RunSet.ClosedRuns; i++)
        {
            Ok(await PublishAsync(Callers.Writer, Event(EventTypes.RunCompleted, new RunCompleted(await AnotherRunAsync()))));
        }

        Ok(await PublishAsync(Callers.Writer, end)).Should().Be(first);
        await RefusedAsync(ErrorCode.NotFound, () => PublishAsync(Callers.Writer, end with { Id = "e10" }));
    }

    [Fact]
    public async Task Resend_ByAnAgentWithoutARun_SaysNothingOfOtherRuns()
    {
        var run = await RunAsync();
        var end = Event(EventTypes.RunCompleted, new RunCompleted(run), id: "e9");
        Ok(await PublishAsync(Callers.Writer, end));
        await AgentAsync("critic");
        var foreign = Ok(await Node.Send(Callers.Ada, new StartRun { AgentId = "critic", ConversationId = "c1", Input = Json("1") })).RunId;

        var hidden = await RefusedAsync(ErrorCode.NotFound, () => PublishAsync(Callers.Writer, end, Message(foreign)[0]));
        var absent = await RefusedAsync(ErrorCode.NotFound, () => PublishAsync(Callers.Writer, end, Message("r9")[0]));

        (hidden.Message, hidden.Details!.ToJsonString()).Should().Be((absent.Message, absent.Details!.ToJsonString()));
        await RefusedAsync(ErrorCode.Conflict, () => PublishAsync(Callers.Writer, end, Message(run)[0]));
    }

    [Fact]
    public async Task Resend_AnswerWasLost_IsAcknowledged()
    {
        var run = await RunAsync();
        Node.Log.Faults.FailNextWrites(1, FaultPoint.AfterStoring);
        (await PublishAsync(Callers.Writer, Message(run))).Error!.Code.Should().Be(ErrorCode.Unavailable);
        var before = Count;

        Ok(await PublishAsync(Callers.Writer, Message(run))).LastSeq.Should().Be(Last.Sequence);

        Count.Should().Be(before);
    }

    [Fact]
    public async Task Id_TakenByAnotherActor_IsConflict()
    {
        var run = await RunAsync();
        Ok(await PublishAsync(Callers.Bob, new PublishedEvent { Id = "e1", Type = "custom.note", Data = Json("{}") }));

        await RefusedAsync(ErrorCode.Conflict, () => PublishAsync(Callers.Writer, Message(run)));
    }

    [Fact]
    public async Task Id_OfADeltaTakenByAnotherActor_IsConflict()
    {
        var run = await RunAsync();
        Ok(await PublishAsync(Callers.Writer, Message(run)[..3]));

        await RefusedAsync(ErrorCode.Conflict, () => PublishAsync(Callers.Bob, new PublishedEvent { Id = "e2", Type = "custom.note", Data = Json("{}") }));
    }

    [Fact]
    public async Task Resend_DeltasWithoutOffset_AreNotAppendedTwice()
    {
        var run = await RunAsync();
        PublishedEvent[] events =
        [
            Event(EventTypes.MessageStarted, new MessageStarted("m1", MessageRole.Assistant), run, "e1"),
            Event(EventTypes.MessageDelta, new MessageDelta("m1", "Hel"), run, "e2"),
        ];
        Ok(await PublishAsync(Callers.Writer, events));

        Ok(await PublishAsync(Callers.Writer, [.. events, Event(EventTypes.MessageDelta, new MessageDelta("m1", "lo", 3), run, "e3")]));

        (await Node.FoldAsync(Conversation)).State.Should().BeAssignableTo<Core.Features.Runs.IHasRuns>()
            .Which.Runs.Items["m1"].Text.ToString().Should().Be("Hello");
    }

    [Fact]
    public async Task Resend_After24Hours_IsJudgedAnew()
    {
        var run = await RunAsync();
        Ok(await PublishAsync(Callers.Writer, Message(run)));
        Node.Time.Advance(TimeSpan.FromHours(24));

        // The id is forgotten, but a log looks back further here than it must: the event is found and acknowledged, never stored twice.
        var before = Count;
        await PublishAsync(Callers.Writer, Message(run)[..1]);
        Count.Should().Be(before);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Overtaken_WhenSomeWereStored_TheRestIsStoredOnce(int stored)
    {
        var run = await RunAsync();
        var isOvertaken = false;
        var log = new AppendingLog(Node.Log, (topic, appended, expected) =>
        {
            if (isOvertaken)
            {
                return Node.Log.Append(topic, appended, expected);
            }

            // One event after the other, and somebody else comes between once: as in a log that has no transactions.
            isOvertaken = true;
            Node.Log.Append(topic, [.. appended.Take(stored)], expected).Status.Should().Be(AppendStatus.Stored);
            Node.Log.Append(topic, [TestEvents.State("between")], expectedState: null);
            return new AppendResult(AppendStatus.Conflict, 0, 0);
        });
        await using var node = new CoreNode(Node, services => services.AddSingleton<IEventLog>(log));
        var before = Count;
        PublishedEvent[] events = [.. Message(run).Select(e => e with { Id = null })];

        Ok(await node.Send(Callers.Writer, new PublishEvents { Topic = C1, Events = events })).Should().Be(new PublishResult(4, Last.Sequence));

        Count.Should().Be(before + 4 + 1);
        (await Node.FoldAsync(Conversation)).StateAs<Core.Features.Conversations.ConversationState>().Messages.Find("m1")!.Text.Should().Be("Hello");
    }

    [Theory]
    [InlineData(30, 20)]
    [InlineData(20, 20)]
    public async Task Overtaken_AtEveryAttempt_SaysWhatWasStored(int count, int stored)
    {
        await ConversationAsync();
        var log = new AppendingLog(Node.Log, (topic, appended, expected) =>
        {
            Node.Log.Append(topic, [appended[0]], expected).Status.Should().Be(AppendStatus.Stored);
            return new AppendResult(AppendStatus.Conflict, 0, 0);
        });
        await using var node = new CoreNode(Node, services => services.AddSingleton<IEventLog>(log));

        var reply = await node.Send(Callers.Ada, new PublishEvents { Topic = C1, Events = Notes(count) });

        if (stored == count)
        {
            Ok(reply).Should().Be(new PublishResult(count, Last.Sequence));
            return;
        }

        reply.Error!.Code.Should().Be(ErrorCode.Unavailable);
        reply.Error.Message.Should().Contain($"{stored} of {count}").And.NotContain("Nothing was stored");
        reply.Error.Details!.ToJsonString().Should().Be($$"""{"stored":{{stored}},"lastSeq":{{Last.Sequence}}}""");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task Log_LostHalfWay_SaysWhatIsKnownToBeStored(int stored)
    {
        await ConversationAsync();
        var events = Notes(5);
        events[0] = events[0] with { Id = "n1" };
        Ok(await PublishAsync(Callers.Ada, events[0]));
        var log = new AppendingLog(Node.Log, (topic, appended, expected) => throw new LogUnavailableException("The test has taken it down.")
        {
            Stored = stored == 0 ? null : (stored, Node.Log.Append(topic, [.. appended.Take(stored)], expected).LastSequence),
        });
        await using var node = new CoreNode(Node, services => services.AddSingleton<IEventLog>(log));

        var error = (await node.Send(Callers.Ada, new PublishEvents { Topic = C1, Events = events })).Error!;

        error.Code.Should().Be(ErrorCode.Unavailable);
        error.Details!.ToJsonString().Should().Be($$"""{"stored":{{1 + stored}},"lastSeq":{{Last.Sequence}}}""");
    }

    [Fact]
    public async Task Log_LostWhileOthersWait_TheyAreToldWithoutAskingIt()
    {
        await ConversationAsync();
        using var held = new SemaphoreSlim(0);
        var asked = 0;
        var log = new AppendingLog(Node.Log, (_, _, _) =>
        {
            Interlocked.Increment(ref asked);
            held.Wait(TestContext.Current.CancellationToken);
            Node.Time.Advance(TimeSpan.FromSeconds(2));
            throw new LogUnavailableException("The test has taken it down.");
        });
        await using var node = new CoreNode(Node, services => services.AddSingleton<IEventLog>(log));
        var waiting = Enumerable.Range(0, 3).Select(_ => node.Send(Callers.Ada, new PublishEvents { Topic = C1, Events = Notes(1) })).ToList();

        held.Release(waiting.Count + 1);

        (await Task.WhenAll(waiting)).Should().OnlyContain(r => r.Error!.Code == ErrorCode.Unavailable);
        asked.Should().Be(1, "each would have waited as long again, one after the other");
        (await node.Send(Callers.Ada, new PublishEvents { Topic = C1, Events = Notes(1) })).Error!.Code.Should().Be(ErrorCode.Unavailable);
        asked.Should().Be(2, "who comes later asks again");
    }

    [Fact]
    public async Task Overtaken_AndNothingStored_SaysSo()
    {
        await ConversationAsync();
        var log = new AppendingLog(Node.Log, (_, _, _) => new AppendResult(AppendStatus.Conflict, 0, 0));
        await using var node = new CoreNode(Node, services => services.AddSingleton<IEventLog>(log));

        var error = (await node.Send(Callers.Ada, new PublishEvents { Topic = C1, Events = Notes(2) })).Error!;

        error.Message.Should().Contain("Nothing was stored");
        error.Details!.ToJsonString().Should().Be("""{"stored":0,"lastSeq":0}""");
    }

    [Fact]
    public async Task Twins_SameIdsAtOnce_AreStoredOnce()
    {
        var run = await RunAsync();
        await using var twin = new CoreNode(Node);
        var before = Count;

        var replies = await Task.WhenAll(
            PublishAsync(Callers.Writer, Message(run)), PublishAsync(Callers.Writer, Message(run)),
            twin.Send(Callers.Writer, new PublishEvents { Topic = C1, Events = Message(run) }));

        replies.Should().OnlyContain(r => r.Ok && r.Value!.LastSeq == Last.Sequence);
        Count.Should().Be(before + 4);
    }

    private static PublishedEvent[] Notes(int count) =>
        [.. Enumerable.Range(0, count).Select(_ => new PublishedEvent { Type = "custom.note", Data = Json("{}") })];
}
