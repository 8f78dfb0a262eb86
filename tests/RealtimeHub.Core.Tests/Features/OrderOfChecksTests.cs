using System.Text;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Pipeline;
using RealtimeHub.Core.Tests.Node;

namespace RealtimeHub.Core.Tests.Features;

/// <summary>Shape, scope, own keyed event, visibility, role, state: for every request type, as far as it has them.</summary>
public sealed class OrderOfChecksTests : World
{
    private const string Hidden = "c1";
    private const string Absent = "nowhere";

    private string run = "r1";

    /// <summary>Sends a request about a conversation; malformed if it is told to.</summary>
    internal delegate Task<Error?> Send(Caller caller, string conversation, bool malformed);

    /// <summary>What touches a conversation, and the scope that it takes.</summary>
    public static TheoryData<string, string> Requests => new()
    {
        { nameof(UpdateConversation), Scopes.ConversationsWrite },
        { nameof(ArchiveConversation), Scopes.ConversationsWrite },
        { nameof(AddParticipant), Scopes.ConversationsWrite },
        { nameof(RemoveParticipant), Scopes.ConversationsWrite },
        { nameof(SendMessage), Scopes.ConversationsWrite },
        { nameof(StartRun), Scopes.AgentsOperate },
        { nameof(SteerRun), Scopes.AgentsOperate },
        { nameof(CancelRun), Scopes.AgentsOperate },
        { nameof(PublishEvents), Scopes.EventsPublish },
        { nameof(GetHistory), Scopes.ConversationsRead },
        { nameof(GetSnapshot), Scopes.ConversationsRead },
        { nameof(SetPresence), Scopes.PresenceWrite },
        { nameof(ListPresence), Scopes.ConversationsRead },
    };

    /// <summary>What has a scope, and no conversation whose visibility could come before or after it.</summary>
    public static TheoryData<string, string> ScopedRequests => new()
    {
        { nameof(CreateConversation), Scopes.ConversationsWrite },
        { nameof(RegisterAgent), Scopes.Admin },
        { nameof(UpdateAgent), Scopes.Admin },
        { nameof(ListConversations), Scopes.ConversationsRead },
        { nameof(ListAgents), Scopes.AgentsRead },
        { nameof(ListRuns), Scopes.AgentsRead },
        { nameof(GetRun), Scopes.AgentsRead },
        { nameof(GetAudit), Scopes.Admin },
    };

    /// <summary>What goes by who the caller is to an agent, or to whom it concerns, without a scope.</summary>
    public static TheoryData<string> UnscopedRequests => [nameof(GrantAccess), nameof(RevokeAccess), nameof(RevokeSessions)];

    // Subscribe is authorized topic by topic, in the feeds; the others are everybody's.
    private static readonly string[] Unordered = [nameof(Subscribe), nameof(Unsubscribe), nameof(GetStatus)];

    [Fact]
    public void Tables_EveryRequestType_IsInOneOfThem() =>
        Requests.Concat(ScopedRequests).Select(r => r.Data.Item1).Concat(UnscopedRequests.Select(r => r.Data)).Concat(Unordered)
            .Should().BeEquivalentTo(Node.Get<UseCases>().All.Select(u => u.RequestType.Name));

    [Theory]
    [MemberData(nameof(ScopedRequests))]
    public async Task Send_MalformedAndWellFormedWithoutScope_ShapeComesFirst(string request, string scope)
    {
        run = await RunAsync();
        var (caller, before) = (Callers.Ada.Without(scope), Count); // nobody here but the admin has the scope admin

        (await ScopedTo(request)(caller, true))!.Code.Should().Be(ErrorCode.InvalidRequest);
        (await ScopedTo(request)(caller, false))!.Code.Should().Be(ErrorCode.Forbidden);

        Count.Should().Be(before);
        Node.Audit.Records.Select(r => (r.Request, r.Outcome)).Should().Equal((request, ErrorCode.InvalidRequest), (request, ErrorCode.Forbidden));
    }

    [Theory]
    [MemberData(nameof(UnscopedRequests))]
    public async Task Send_MalformedByAStranger_IsInvalid(string request)
    {
        await AgentAsync();

        (await UnscopedTo(request)(Callers.Eve, "writer", malformed: true))!.Code.Should().Be(ErrorCode.InvalidRequest);
    }

    [Theory]
    [InlineData(nameof(GrantAccess))]
    [InlineData(nameof(RevokeAccess))]
    public async Task Send_AboutAnAgent_VisibilityComesBeforeRole(string request)
    {
        await AgentAsync(grants: new AccessGrant(Subject.User("olga"), Permission.View));

        var hidden = await UnscopedTo(request)(Callers.Eve, "writer", malformed: false);
        hidden!.Code.Should().Be(ErrorCode.NotFound);
        hidden.Should().Be(await UnscopedTo(request)(Callers.Eve, "nobody", malformed: false));
        (await UnscopedTo(request)(Olga, "writer", malformed: false))!.Code.Should().Be(ErrorCode.Forbidden);
    }

    [Fact]
    public async Task Send_AboutOthersSessions_IsForbiddenWhoeverTheyAre()
    {
        (await UnscopedTo(nameof(RevokeSessions))(Callers.Eve, "ada", malformed: false))!.Code.Should().Be(ErrorCode.Forbidden);
        (await UnscopedTo(nameof(RevokeSessions))(Callers.Eve, "eve", malformed: false)).Should().BeNull();
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task Send_MalformedWithoutScope_IsInvalid(string request, string scope)
    {
        run = await RunAsync();

        (await To(request)(Callers.Ada.Without(scope), Hidden, malformed: true))!.Code.Should().Be(ErrorCode.InvalidRequest);
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task Send_WithoutScope_IsForbiddenWhetherItExistsOrNot(string request, string scope)
    {
        run = await RunAsync();

        var (hidden, absent) = await BothAsync(request, Callers.Eve.Without(scope));

        hidden.Code.Should().Be(ErrorCode.Forbidden);
        hidden.Should().Be(absent);
        (await To(request)(Callers.Ada.Without(scope), Hidden, malformed: false)).Should().Be(absent);
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task Send_Stranger_IsNotFoundLikeWhatDoesNotExist(string request, string scope)
    {
        run = await RunAsync();
        scope.Should().NotBeNull();

        foreach (var stranger in (Caller[])[Callers.Eve, Callers.OtherAdmin, Callers.Ada with { Tenant = "globex" }, Callers.Eve.InRole("owner")])
        {
            var (hidden, absent) = await BothAsync(request, stranger);
            hidden.Code.Should().Be(ErrorCode.NotFound);
            hidden.Should().Be(absent);
        }
    }

    [Theory]
    [InlineData(nameof(UpdateConversation))]
    [InlineData(nameof(ArchiveConversation))]
    [InlineData(nameof(AddParticipant))]
    [InlineData(nameof(SendMessage))]
    [InlineData(nameof(StartRun))]
    [InlineData(nameof(SteerRun))]
    [InlineData(nameof(CancelRun))]
    public async Task Send_RoleTooLowInAWrongState_IsForbidden(string request)
    {
        run = await RunAsync();
        Ok(await PublishAsync(Callers.Writer, Event(EventTypes.RunCompleted, new RunCompleted(run))));
        var body = EventBody.Write("a", EventTypes.ConversationArchived, Node.Time.GetUtcNow(), Subject.User("ada"), Encoding.UTF8.GetBytes("{}"));
        await Node.Log.AppendAsync(
            new TopicKey(Callers.Tenant, Conversation), [new NewEvent("a", Lane.State, body)], expectedState: null, TestContext.Current.CancellationToken);

        (await To(request)(Olga, Hidden, malformed: false))!.Code.Should().Be(ErrorCode.Forbidden);
        var owner = await To(request)(Callers.Ada, Hidden, malformed: false);
        owner?.Code.Should().Be(ErrorCode.Conflict);
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task Send_Denied_IsAuditedWithoutContent(string request, string scope)
    {
        run = await RunAsync();

        await To(request)(Callers.Eve.Without(scope), Hidden, malformed: false);
        await To(request)(Callers.Eve, Hidden, malformed: false);
        await To(request)(Callers.Eve, Hidden, malformed: true);

        Node.Audit.Records.Select(r => r.Outcome).Should().Equal(ErrorCode.Forbidden, ErrorCode.NotFound, ErrorCode.InvalidRequest);
        Node.Audit.Records.Should().OnlyContain(r => r.Request == request && r.Actor == Subject.User("eve") && r.Tenant == "acme");
        Node.Audit.Records[0].Topic.Should().Be(C1);
        string.Concat(Node.Audit.Records).Should().NotContain("secret text");
    }

    private async Task<(Error Hidden, Error Absent)> BothAsync(string request, Caller caller)
    {
        var before = Count;
        var hidden = await To(request)(caller, Hidden, malformed: false);
        var absent = await To(request)(caller, Absent, malformed: false);
        Count.Should().Be(before);
        return (hidden!, absent!);
    }

    private Func<Caller, bool, Task<Error?>> ScopedTo(string request) => request switch
    {
        nameof(CreateConversation) => async (caller, bad) => (await Node.Send(caller, new CreateConversation { Title = bad ? "" : "T" })).Error,
        nameof(RegisterAgent) => async (caller, bad) => (await Node.Send(caller, new RegisterAgent { AgentId = bad ? "?" : "writer", Name = "W" })).Error,
        nameof(UpdateAgent) => (caller, bad) => SendAsync<UpdateAgent, Empty>(caller, new() { AgentId = bad ? "?" : "writer", Name = "W" }),
        nameof(ListConversations) => async (caller, bad) => (await Node.Send(caller, new ListConversations { Limit = bad ? 0 : 1 })).Error,
        nameof(ListAgents) => async (caller, bad) => (await Node.Send(caller, new ListAgents { Limit = bad ? 0 : 1 })).Error,
        nameof(ListRuns) => async (caller, bad) => (await Node.Send(caller, new ListRuns { Limit = bad ? 0 : 1 })).Error,
        nameof(GetRun) => async (caller, bad) => (await Node.Send(caller, new GetRun { RunId = bad ? "?" : run })).Error,
        _ => (caller, bad) => SendAsync<GetAudit, AuditPage>(caller with { Surface = Surface.Http }, new() { Limit = bad ? 0 : 1 }),
    };

    /// <summary>Sends a request about somebody: an agent, or a user.</summary>
    private Send UnscopedTo(string request) => request switch
    {
        nameof(GrantAccess) => (caller, id, bad) => SendAsync<GrantAccess, Empty>(
            caller, new() { Topic = bad ? "?" : $"agent:{id}", Subject = Subject.User("zoe"), Permission = Permission.View }),
        nameof(RevokeAccess) => (caller, id, bad) => SendAsync<RevokeAccess, Empty>(
            caller, new() { Topic = bad ? "?" : $"agent:{id}", Subject = Subject.User("olga"), Permission = Permission.View }),
        _ => (caller, id, bad) => SendAsync<RevokeSessions, Empty>(caller, new() { Subject = Subject.User(bad ? "?" : id) }),
    };

    private async Task<Error?> SendAsync<TRequest, TValue>(Caller caller, TRequest request)
        where TRequest : notnull => (await Node.SendAsync<TRequest, TValue>(caller, request)).Error;

    private Send To(string request) => request switch
    {
        nameof(UpdateConversation) => (caller, id, bad) =>
            SendAsync<UpdateConversation, Empty>(caller with { Surface = Surface.OperatorHub }, new() { ConversationId = id, Title = bad ? "" : "secret text" }),
        nameof(ArchiveConversation) => (caller, id, bad) =>
            SendAsync<ArchiveConversation, Empty>(caller with { Surface = Surface.OperatorHub }, new() { ConversationId = bad ? "?" : id }),
        nameof(SetPresence) => (caller, id, bad) => SendAsync<SetPresence, Empty>(
            caller with { Surface = Surface.OperatorHub }, new() { Topic = bad ? "?" : $"conversation:{id}", State = PresenceState.Active }),
        nameof(ListPresence) => (caller, id, bad) => SendAsync<ListPresence, PresencePage>(
            caller with { Surface = Surface.Http }, new() { Topic = $"conversation:{id}", Limit = bad ? 0 : 1 }),
        nameof(AddParticipant) => async (caller, id, bad) =>
            (await Node.Send(caller, new AddParticipant { ConversationId = id, Participant = Person(bad ? "?" : "zoe") })).Error,
        nameof(RemoveParticipant) => async (caller, id, bad) =>
            (await Node.Send(caller, new RemoveParticipant { ConversationId = id, Participant = Person(bad ? "?" : "bob") })).Error,
        nameof(SendMessage) => async (caller, id, bad) =>
            (await Node.Send(caller, new SendMessage { ConversationId = id, Text = bad ? "" : "secret text" })).Error,
        nameof(StartRun) => async (caller, id, bad) =>
            (await Node.Send(caller, new StartRun { AgentId = bad ? "?" : "writer", ConversationId = id, Input = Json("\"secret text\"") })).Error,
        nameof(SteerRun) => async (caller, id, bad) =>
            (await Node.Send(caller, new SteerRun { Topic = $"conversation:{id}", RunId = run, Instruction = bad ? "" : "secret text" })).Error,
        nameof(CancelRun) => async (caller, id, bad) =>
            (await Node.Send(caller, new CancelRun { Topic = $"conversation:{id}", RunId = bad ? "?" : run, Reason = "secret text" })).Error,
        nameof(PublishEvents) => async (caller, id, bad) => (await Node.Send(caller, new PublishEvents
        {
            Topic = $"conversation:{id}", Events = [new() { Type = bad ? "?" : "custom.note", Data = Json("""{"x":"secret text"}""") }],
        })).Error,
        nameof(GetHistory) => async (caller, id, bad) =>
            (await Node.Send(caller, new GetHistory { Topic = $"conversation:{id}", Limit = bad ? 0 : 1 })).Error,
        _ => async (caller, id, bad) => (await Node.Send(caller, new GetSnapshot { Topic = bad ? "?" : $"conversation:{id}" })).Error,
    };
}
