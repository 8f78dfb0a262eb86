using RealtimeHub.Contracts;
using RealtimeHub.Core.Tests.Node;

namespace RealtimeHub.Core.Tests.Features;

public sealed class StartRunTests : World
{
    private static readonly StartRun Valid = new() { AgentId = "writer", ConversationId = "c1", Input = Json("""{"q":"🌍"}""") };

    [Fact]
    public async Task Start_InAConversation_IsRequestedThere()
    {
        await ConversationAsync();
        await AgentAsync();

        var reply = await Node.Send(Callers.Bob, Valid);

        var value = Ok(reply);
        value.Topic.Should().Be(C1);
        reply.Seq.Should().Be(Last.Sequence);
        (Last.Type, Last.Topic.Topic, Last.RunId, Last.Actor).Should().Be((EventTypes.RunRequested, Conversation, value.RunId, Subject.User("bob")));
        var data = Last.Read<RunRequested>();
        (data.RunId, data.AgentId, data.ConversationId, data.ProcessId).Should().Be((value.RunId, "writer", "c1", null));
        data.Input.GetProperty("q").GetString().Should().Be("🌍");
        data.Deadline.Should().Be(Node.Time.GetUtcNow().AddHours(1));
    }

    [Fact]
    public async Task Start_WithoutHome_LivesInTheAgent()
    {
        await AgentAsync();

        var value = Ok(await Node.Send(Callers.Eve, new StartRun { AgentId = "writer", Input = Json("1"), TimeoutSeconds = 5 }));

        value.Topic.Should().Be("agent:writer");
        Last.Topic.Topic.Should().Be(WriterTopic);
        Last.Read<RunRequested>().Deadline.Should().Be(Node.Time.GetUtcNow().AddSeconds(5));
    }

    [Fact]
    public async Task Start_ConversationUnseen_IsNotFound()
    {
        await ConversationAsync();
        await AgentAsync();

        await RefusedAsync(ErrorCode.NotFound, () => Node.Send(Callers.Eve, Valid));
    }

    [Fact]
    public async Task Start_AgentUnseenOrUnregistered_IsNotFound()
    {
        await ConversationAsync();
        await AgentAsync("secret", new AccessGrant(Subject.User("eve"), Permission.Operate));

        var hidden = await RefusedAsync(ErrorCode.NotFound, () => Node.Send(Callers.Ada, Valid with { AgentId = "secret" }));
        var absent = await RefusedAsync(ErrorCode.NotFound, () => Node.Send(Callers.Ada, Valid with { AgentId = "nobody" }));
        hidden.Should().Be(absent);
    }

    [Fact]
    public async Task Start_WhatElseItNamesIsUnseen_IsNotFoundBeforeTheRoleIsLookedAt()
    {
        await ConversationAsync();
        await AgentAsync("secret", new AccessGrant(Subject.User("eve"), Permission.Operate));
        await AgentAsync("seen", new AccessGrant(Subject.User("olga"), Permission.View));

        // She only observes the conversation.
        await RefusedAsync(ErrorCode.NotFound, () => Node.Send(Olga, Valid with { AgentId = "secret" }));
        await RefusedAsync(ErrorCode.NotFound, () => Node.Send(Olga, Valid with { AgentId = "nobody" }));
        await RefusedAsync(ErrorCode.NotFound, () => Node.Send(Olga, Valid with { AgentId = "seen", ProcessId = "p1" }));
        await RefusedAsync(ErrorCode.Forbidden, () => Node.Send(Olga, Valid with { AgentId = "seen" }));
    }

    [Fact]
    public async Task Start_UnregisteredAgent_IsNotFoundForAdminToo()
    {
        await ConversationAsync();

        await RefusedAsync(ErrorCode.NotFound, () => Node.Send(Callers.Admin, Valid with { AgentId = "nobody" }));
        await RefusedAsync(ErrorCode.NotFound, () => Node.Send(Callers.Admin, Valid with { AgentId = "nobody", ConversationId = null }));
    }

    [Fact]
    public async Task Start_ProcessUnseen_IsNotFound()
    {
        await ConversationAsync();
        await AgentAsync();

        await RefusedAsync(ErrorCode.NotFound, () => Node.Send(Callers.Ada, Valid with { ProcessId = "p1" }));
        await RefusedAsync(ErrorCode.NotFound, () => Node.Send(Callers.Ada, Valid with { ConversationId = null, ProcessId = "p1" }));
    }

    [Fact]
    public async Task Start_RoleTooLow_IsForbidden()
    {
        await ConversationAsync();
        await AgentAsync("writer", new AccessGrant(Subject.User("bob"), Permission.View), new AccessGrant(Subject.User("olga"), Permission.Operate));

        await RefusedAsync(ErrorCode.Forbidden, () => Node.Send(Callers.Bob, Valid)); // may only view the agent
        await RefusedAsync(ErrorCode.Forbidden, () => Node.Send(Olga, Valid)); // only observes the conversation
        Ok(await Node.Send(Olga, Valid with { ConversationId = null }));
    }

    [Fact]
    public async Task Start_WithoutScope_IsForbidden() =>
        await RefusedAsync(ErrorCode.Forbidden, () => Node.Send(Callers.Ada.Without(Scopes.AgentsOperate), Valid));

    [Fact]
    public async Task Start_Malformed_NamesTheMember()
    {
        await InvalidAsync(() => Node.Send(Callers.Ada, Valid with { AgentId = "?" }), "agentId");
        await InvalidAsync(() => Node.Send(Callers.Ada, Valid with { ConversationId = "?" }), "conversationId");
        await InvalidAsync(() => Node.Send(Callers.Ada, Valid with { ProcessId = "?" }), "processId");
        await InvalidAsync(() => Node.Send(Callers.Ada, Valid with { StepId = "s1" }), "stepId");
        await InvalidAsync(() => Node.Send(Callers.Ada, Valid with { ProcessId = "p1", StepId = "?" }), "stepId");
        await InvalidAsync(() => Node.Send(Callers.Ada, Valid with { Input = default }), "input");
        await InvalidAsync(() => Node.Send(Callers.Ada, Valid with { Input = Json("null") }), "input");
        await InvalidAsync(() => Node.Send(Callers.Ada, Valid with { Input = Json("""{"a":"\ud800"}""") }), "input");
        await InvalidAsync(() => Node.Send(Callers.Ada, Valid with { Input = Json("""{"a":1,"a":2}""") }), "input");
        await InvalidAsync(() => Node.Send(Callers.Ada, Valid with { Input = Json("""{"\ud800":1}""") }), "input");
        await InvalidAsync(() => Node.Send(Callers.Ada, Valid with { TimeoutSeconds = 0 }), "timeoutSeconds");
        await InvalidAsync(() => Node.Send(Callers.Ada, Valid with { TimeoutSeconds = 604_801 }), "timeoutSeconds");
        await InvalidAsync(() => Node.Send(Callers.Ada, Valid with { IdempotencyKey = "" }), "idempotencyKey");
        await RefusedAsync(ErrorCode.TooLarge, () => Node.Send(Callers.Ada, Valid with { Input = Json($"\"{new string('x', 32 * 1024)}\"") }));
    }
}
