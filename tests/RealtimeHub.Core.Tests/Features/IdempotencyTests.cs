using RealtimeHub.Contracts;
using RealtimeHub.Core.Delivery;
using RealtimeHub.Core.Folds;
using RealtimeHub.Core.Pipeline;
using RealtimeHub.Core.Tests.Node;
using RealtimeHub.Specification.InMemory;

namespace RealtimeHub.Core.Tests.Features;

/// <summary>A request with a key is carried out once.</summary>
public sealed class IdempotencyTests : World
{
    private static readonly SendMessage Message = new() { ConversationId = "c1", Text = "Hi", IdempotencyKey = "k" };

    /// <summary>One of each keyed command, and the same with another body.</summary>
    public static TheoryData<string> Commands =>
        [nameof(CreateConversation), nameof(AddParticipant), nameof(RemoveParticipant), nameof(SendMessage), nameof(RegisterAgent), nameof(StartRun), nameof(SteerRun), nameof(CancelRun),
            nameof(UpdateConversation), nameof(ArchiveConversation), nameof(UpdateAgent), nameof(GrantAccess), nameof(RevokeAccess), nameof(RevokeSessions)];

    /// <summary>Those of which there is another body for the same topic.</summary>
    public static TheoryData<string> CommandsWithBodies => [.. Commands.Select(c => c.Data).Where(c => c is not (nameof(ArchiveConversation) or nameof(RevokeSessions)))];

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Repeat_SameBody_AnswersTheSameAndAppendsNothing(string command)
    {
        var send = await PrepareAsync(command);
        var first = await send(Node, "k", false);
        first.Error.Should().BeNull();
        first.Seq.Should().NotBeNull();
        var before = Count;

        (await send(Node, "k", false)).Should().Be(first);
        await using var restarted = new CoreNode(Node);
        (await send(restarted, "k", false)).Should().Be(first);

        Count.Should().Be(before);
    }

    [Theory]
    [MemberData(nameof(CommandsWithBodies))]
    public async Task Repeat_OtherBody_IsConflict(string command)
    {
        var send = await PrepareAsync(command);
        (await send(Node, "k", false)).Error.Should().BeNull();
        var before = Count;

        var error = (await send(Node, "k", true)).Error!;

        error.Code.Should().Be(ErrorCode.Conflict);
        ((long?)error.Details!["seq"]).Should().Be(Node.Log.Events[^1].Sequence, "that is what stands");
        Count.Should().Be(before);
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Twins_AtOnceOnTwoNodes_AppendOneEventAndAnswerTheSame(string command)
    {
        var send = await PrepareAsync(command);
        await using var other = new CoreNode(Node);
        var before = Count;

        var replies = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => send(i % 2 == 0 ? Node : other, "k", false)));

        replies.Should().OnlyContain(r => r.Error == null);
        replies.Distinct().Should().ContainSingle();
        Count.Should().Be(before + 1);
    }

    [Theory]
    [MemberData(nameof(CommandsWithBodies))]
    public async Task Twins_WithDifferentBodies_OneIsConflict(string command)
    {
        var send = await PrepareAsync(command);
        await using var other = new CoreNode(Node);
        var before = Count;

        var replies = await Task.WhenAll(send(Node, "k", false), send(other, "k", true));

        replies.Count(r => r.Error is null).Should().Be(1);
        replies.Single(r => r.Error is not null).Error!.Code.Should().Be(ErrorCode.Conflict);
        Count.Should().Be(before + 1);
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Repeat_AnswerWasLost_GetsTheFirstAnswer(string command)
    {
        var send = await PrepareAsync(command);
        Node.Log.Faults.FailNextWrites(1, FaultPoint.AfterStoring);
        var lost = await send(Node, "k", false);
        lost.Error!.Code.Should().Be(ErrorCode.Unavailable);
        lost.Error.RetryAfterMs.Should().BePositive();
        var before = Count;

        var repeated = await send(Node, "k", false);

        repeated.Error.Should().BeNull();
        repeated.Seq.Should().Be(Last.Sequence);
        Count.Should().Be(before);
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Repeat_NothingWasStored_IsCarriedOut(string command)
    {
        var send = await PrepareAsync(command);
        Node.Log.Faults.FailNextWrites(1, FaultPoint.BeforeStoring);
        (await send(Node, "k", false)).Error!.Code.Should().Be(ErrorCode.Unavailable);
        var before = Count;

        (await send(Node, "k", false)).Seq.Should().Be(Last.Sequence);

        Count.Should().Be(before + 1);
    }

    [Fact]
    public async Task Repeat_LogIsDown_IsUnavailable()
    {
        await ConversationAsync();
        Node.Log.Faults.IsDown = true;

        (await Node.Send(Callers.Ada, Message)).Error!.Code.Should().Be(ErrorCode.Unavailable);
    }

    [Fact]
    public async Task Repeat_AfterTheCallerWasRemoved_GetsTheFirstAnswer()
    {
        await ConversationAsync();
        var first = await Node.Send(Callers.Bob, Message);
        Ok(await Node.Send(Callers.Ada, new RemoveParticipant { ConversationId = "c1", Participant = Person("bob") }));

        (await Node.Send(Callers.Bob, Message)).Should().Be(first);
        await RefusedAsync(ErrorCode.NotFound, () => Node.Send(Callers.Bob, Message with { IdempotencyKey = "k2" }));
    }

    [Fact]
    public async Task Repeat_RemovalOfOneself_GetsTheFirstAnswer()
    {
        await ConversationAsync();
        var leave = new RemoveParticipant { ConversationId = "c1", Participant = Person("bob"), IdempotencyKey = "k" };
        var first = await Node.Send(Callers.Bob, leave);

        (await Node.Send(Callers.Bob, leave)).Should().Be(first);
    }

    [Fact]
    public async Task Repeat_WithoutTheScopeByNow_IsForbidden()
    {
        await ConversationAsync();
        Ok(await Node.Send(Callers.Bob, Message));

        await RefusedAsync(ErrorCode.Forbidden, () => Node.Send(Callers.Bob.Without(Scopes.ConversationsWrite), Message));
    }

    [Fact]
    public async Task Key_OfAnotherCallerTenantOrRequestType_IsAnotherKey()
    {
        await ConversationAsync();
        Ok(await Node.Send(Callers.OtherAdmin, new CreateConversation { Id = "c1", Title = "T" }));
        var before = Count;

        Ok(await Node.Send(Callers.Ada, Message));
        Ok(await Node.Send(Callers.Bob, Message));
        Ok(await Node.Send(Callers.OtherAdmin, Message));
        Ok(await Node.Send(Callers.Ada, new AddParticipant { ConversationId = "c1", Participant = Person("eve"), IdempotencyKey = "k" }));

        Count.Should().Be(before + 4);
    }

    [Fact]
    public async Task Key_ForAnotherTopic_IsAnotherBodyAndConflict()
    {
        await ConversationAsync();
        Ok(await Node.Send(Callers.Ada, new CreateConversation { Id = "c2", Title = "T" }));
        Ok(await Node.Send(Callers.Ada, Message));
        var stands = Node.Log.Events[^1].Sequence;

        var error = (await Node.Send(Callers.Ada, Message with { ConversationId = "c2" })).Error!;

        error.Code.Should().Be(ErrorCode.Conflict);
        ((string?)error.Details!["topic"]).Should().Be("conversation:c1");
        ((long?)error.Details["seq"]).Should().Be(stands);
        Node.Log.Events[^1].Sequence.Should().Be(stands);
        Node.Time.Advance(RecentRequests.Memory);
        Ok(await Node.Send(Callers.Ada, Message with { ConversationId = "c2" }));
    }

    [Fact]
    public async Task Key_ForAnotherTopicOnAnotherNode_IsConflictOnceItsTailHasIt()
    {
        await ConversationAsync();
        Ok(await Node.Send(Callers.Ada, new CreateConversation { Id = "c2", Title = "T" }));
        Ok(await Node.Send(Callers.Ada, Message));
        await using var other = new CoreNode(Node);
        foreach (var observer in other.Get<IEnumerable<ITailObserver>>())
        {
            observer.See(Node.Log.Events[^1]);
        }

        var error = (await other.Send(Callers.Ada, Message with { ConversationId = "c2" })).Error!;

        error.Code.Should().Be(ErrorCode.Conflict);
        Ok(await other.Send(Callers.Bob, Message with { ConversationId = "c1" })).MessageId.Should().NotBeEmpty("his key is another");
    }

    [Fact]
    public async Task Key_ForAnotherTopicAfterARestart_MakesOtherIds()
    {
        await ConversationAsync();
        await AgentAsync();
        Ok(await Node.Send(Callers.Ada, new CreateConversation { Id = "c2", Title = "T" }));
        var start = new StartRun { AgentId = "writer", ConversationId = "c1", Input = Json("1"), IdempotencyKey = "k" };
        var run = Ok(await Node.Send(Callers.Ada, start));
        var message = Ok(await Node.Send(Callers.Ada, Message));

        await using var restarted = new CoreNode(Node);
        var other = Ok(await restarted.Send(Callers.Ada, start with { ConversationId = "c2" }));
        var another = Ok(await restarted.Send(Callers.Ada, Message with { ConversationId = "c2" }));

        other.RunId.Should().NotBe(run.RunId);
        another.MessageId.Should().NotBe(message.MessageId);
    }

    [Fact]
    public async Task Key_SameOverAnotherSurface_IsTheSameKey()
    {
        await ConversationAsync();
        var first = await Node.SendAsync<SendMessage, SendMessageResult>(Callers.Ada with { Surface = Surface.OperatorHub }, Message);

        (await Node.SendAsync<SendMessage, SendMessageResult>(Callers.Ada with { Surface = Surface.Http }, Message)).Should().Be(first);
    }

    [Fact]
    public async Task Key_OfAFailure_IsNotRemembered()
    {
        await ConversationAsync();
        await RefusedAsync(ErrorCode.NotFound, () => Node.Send(Callers.Eve, Message));
        Ok(await Node.Send(Callers.Ada, new AddParticipant { ConversationId = "c1", Participant = Person("eve") }));

        Ok(await Node.Send(Callers.Eve, Message));
    }

    [Theory]
    [InlineData(nameof(CreateConversation))]
    [InlineData(nameof(SendMessage))]
    [InlineData(nameof(StartRun))]
    [InlineData(nameof(SteerRun))]
    public async Task Key_After24Hours_IsForgotten(string command)
    {
        var send = await PrepareAsync(command);
        var first = await send(Node, "k", false);
        Node.Time.Advance(TimeSpan.FromHours(24) - TimeSpan.FromSeconds(1));
        (await send(Node, "k", false)).Should().Be(first);
        Node.Time.Advance(TimeSpan.FromSeconds(1));
        var before = Count;

        var second = await send(Node, "k", true); // another body is no conflict any more

        second.Error.Should().BeNull();
        second.Seq.Should().Be(Last.Sequence).And.NotBe(first.Seq);
        Count.Should().Be(before + 1);
        Last.Id.Should().NotBe(Node.Log.Events.Single(e => e.Sequence == first.Seq).Id);
        (await send(Node, "k", true)).Should().Be(second);
        (await send(Node, "k", false)).Error!.Code.Should().Be(ErrorCode.Conflict);
        await using var restarted = new CoreNode(Node);
        (await send(restarted, "k", true)).Should().Be(second);
        Count.Should().Be(before + 1);
    }

    [Theory]
    [InlineData(nameof(SendMessage))]
    [InlineData(nameof(StartRun))]
    public async Task Key_After24Hours_WhereTheLogForgotItsIds_MakesSomethingElse(string command)
    {
        var send = await PrepareAsync(command);
        var first = await send(Node, "k", false);
        Node.Time.Advance(TimeSpan.FromHours(24));
        Node.Log.ForgetIds();

        var second = await send(Node, "k", false);

        second.Error.Should().BeNull();
        second.Value.Should().NotBe(first.Value);
        (await Node.FoldAsync(Conversation)).Misplaced.Should().BeEmpty();
        (await send(Node, "k", false)).Should().Be(second);
    }

    [Theory]
    [InlineData(nameof(CreateConversation))]
    [InlineData(nameof(SendMessage))]
    public async Task Key_UsedOnceADay_ForAMonth_MakesSomethingElseEachTime(string command)
    {
        var send = await PrepareAsync(command);
        var made = new HashSet<object?>();
        for (var day = 0; day < 30; day++)
        {
            var answer = await send(Node, "k", false);
            answer.Error.Should().BeNull();
            made.Add(answer.Value);
            Node.Time.Advance(TimeSpan.FromHours(24));
        }

        made.Should().HaveCount(30);
    }

    private sealed record Answer(object? Value, long? Seq, Error? Error)
    {
        public bool Equals(Answer? other) => other is not null && Equals(Value, other.Value) && Seq == other.Seq && Error?.Code == other.Error?.Code;

        public override int GetHashCode() => HashCode.Combine(Value, Seq, Error?.Code);
    }

    private async Task<Func<CoreNode, string, bool, Task<Answer>>> PrepareAsync(string command)
    {
        // Open for longer than a key is remembered.
        await ConversationAsync();
        await AgentAsync("writer", [.. ((string[])["ada", "olga", "bob"]).Select(u => new AccessGrant(Subject.User(u), Permission.View)), new(Subject.Role("*"), Permission.Operate)]);
        var run = Ok(await Node.Send(Callers.Ada, new StartRun { AgentId = "writer", ConversationId = "c1", Input = Json("1"), TimeoutSeconds = 604_800 })).RunId;
        return command switch
        {
            nameof(CreateConversation) => (node, key, other) => As<CreateConversation, CreateConversationResult>(
                node, new CreateConversation { Title = other ? "B" : "A", IdempotencyKey = key }),
            nameof(AddParticipant) => (node, key, other) => As<AddParticipant, Empty>(
                node, new AddParticipant { ConversationId = "c1", Participant = Person(other ? "b" : "a"), IdempotencyKey = key }),
            nameof(RemoveParticipant) => (node, key, other) => As<RemoveParticipant, Empty>(
                node, new RemoveParticipant { ConversationId = "c1", Participant = Person(other ? "bob" : "olga"), IdempotencyKey = key }),
            nameof(SendMessage) => (node, key, other) => As<SendMessage, SendMessageResult>(
                node, new SendMessage { ConversationId = "c1", Text = other ? "B" : "A", IdempotencyKey = key }),
            nameof(RegisterAgent) => (node, key, other) => As<RegisterAgent, RegisterAgentResult>(
                node, new RegisterAgent { AgentId = "critic", Name = other ? "B" : "A", IdempotencyKey = key }),
            nameof(StartRun) => (node, key, other) => As<StartRun, StartRunResult>(
                node, new StartRun { AgentId = "writer", ConversationId = "c1", Input = Json(other ? "2" : "1"), IdempotencyKey = key }),
            nameof(SteerRun) => (node, key, other) => As<SteerRun, Empty>(
                node, new SteerRun { Topic = C1, RunId = run, Instruction = other ? "B" : "A", IdempotencyKey = key }),
            nameof(UpdateConversation) => (node, key, other) => As<UpdateConversation, Empty>(
                node, new UpdateConversation { ConversationId = "c1", Title = other ? "B" : "A", IdempotencyKey = key }),
            nameof(ArchiveConversation) => (node, key, other) => As<ArchiveConversation, Empty>(
                node, new ArchiveConversation { ConversationId = other ? "c2" : "c1", IdempotencyKey = key }),
            nameof(UpdateAgent) => (node, key, other) => As<UpdateAgent, Empty>(
                node, new UpdateAgent { AgentId = "writer", Name = other ? "B" : "A", IdempotencyKey = key }),
            nameof(GrantAccess) => (node, key, other) => As<GrantAccess, Empty>(
                node, new GrantAccess { Topic = "agent:writer", Subject = Subject.User(other ? "b" : "a"), Permission = Permission.View, IdempotencyKey = key }),
            nameof(RevokeAccess) => (node, key, other) => As<RevokeAccess, Empty>(
                node, new RevokeAccess { Topic = "agent:writer", Subject = Subject.User(other ? "bob" : "olga"), Permission = Permission.View, IdempotencyKey = key }),
            nameof(RevokeSessions) => (node, key, other) => As<RevokeSessions, Empty>(
                node, new RevokeSessions { Subject = Subject.User(other ? "bob" : "ada"), IdempotencyKey = key }),
            _ => (node, key, other) => As<CancelRun, Empty>(
                node, new CancelRun { Topic = C1, RunId = run, Reason = other ? "B" : "A", IdempotencyKey = key }),
        };
    }

    private static async Task<Answer> As<TRequest, TValue>(CoreNode node, TRequest request)
        where TRequest : notnull
    {
        var caller = typeof(TRequest).Name is nameof(RegisterAgent) or nameof(UpdateAgent) or nameof(GrantAccess) or nameof(RevokeAccess) ? Callers.Admin : Callers.Ada;
        var reply = await node.SendAsync<TRequest, TValue>(caller with { Surface = Surface.OperatorHub }, request);
        return new Answer(reply.Value, reply.Seq, reply.Error);
    }
}
