using System.Text;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Pipeline;
using RealtimeHub.Core.Tests.Node;

namespace RealtimeHub.Core.Tests.Features;

/// <summary>Shape, scope, own keyed event, visibility, role, state: for every request that touches a topic.</summary>
public sealed class OrderOfChecksTests : World
{
    private const string Hidden = "c1";
    private const string Absent = "nowhere";

    private string run = "r1";

    /// <summary>Sends a request about a conversation; malformed if it is told to.</summary>
    internal delegate Task<Error?> Send(Caller caller, string conversation, bool malformed);

    public static TheoryData<string, string> Requests => new()
    {
        { nameof(AddParticipant), Scopes.ConversationsWrite },
        { nameof(RemoveParticipant), Scopes.ConversationsWrite },
        { nameof(SendMessage), Scopes.ConversationsWrite },
        { nameof(StartRun), Scopes.AgentsOperate },
        { nameof(SteerRun), Scopes.AgentsOperate },
        { nameof(CancelRun), Scopes.AgentsOperate },
        { nameof(PublishEvents), Scopes.EventsPublish },
        { nameof(GetHistory), Scopes.ConversationsRead },
        { nameof(GetSnapshot), Scopes.ConversationsRead },
    };

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

    private Send To(string request) => request switch
    {
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
