using RealtimeHub.Contracts;
using RealtimeHub.Core.Tests.Node;

namespace RealtimeHub.Core.Tests.Features;

public sealed class CreateConversationTests : World
{
    [Fact]
    public async Task Create_Valid_StoresTheEventAndAnswersWithTheId()
    {
        var reply = await Node.Send(Callers.Ada, new CreateConversation
        {
            Title = "Refund", Labels = new Dictionary<string, string> { ["case"] = "7" },
            Participants = [Person("bob"), Person("olga", ParticipantRole.Observer), new() { Kind = SubjectKind.Role, Id = "*" }],
        });

        var id = Ok(reply).ConversationId;
        reply.Seq.Should().Be(Last.Sequence);
        (Last.Type, Last.Topic.Tenant, Last.Topic.Topic, Last.Lane).Should().Be((EventTypes.ConversationCreated, "acme", Topic.Conversation(id), Lane.State));
        (Last.Actor, Last.Time).Should().Be((Subject.User("ada"), Node.Time.GetUtcNow()));
        var data = Last.Read<ConversationCreated>();
        data.Title.Should().Be("Refund");
        data.Labels.Should().Equal(new Dictionary<string, string> { ["case"] = "7" });
        data.Participants.Should().Equal(
            Person("ada", ParticipantRole.Owner), Person("bob", ParticipantRole.Member), Person("olga", ParticipantRole.Observer),
            new Participant { Kind = SubjectKind.Role, Id = "*", Role = ParticipantRole.Member });
    }

    [Fact]
    public async Task Create_TitleAlone_HasTheCallerAsOwner()
    {
        var id = Ok(await Node.Send(Callers.Ada, new CreateConversation { Title = "T" })).ConversationId;

        Last.Read<ConversationCreated>().Labels.Should().BeEmpty("the table does not mark them optional");
        Ok(await Node.Send(Callers.Ada, new SendMessage { ConversationId = id, Text = "Hi" }));
        var state = Ok(await Node.Send(Callers.Ada, new GetSnapshot { Topic = $"conversation:{id}" })).State;
        state.GetProperty("participants").GetRawText().Should().Be("""[{"kind":"user","id":"ada","role":"owner"}]""");
    }

    [Fact]
    public async Task Create_CallerNamesItself_IsOwnerOnce()
    {
        Ok(await Node.Send(Callers.Ada, new CreateConversation { Title = "T", Participants = [Person("ada", ParticipantRole.Observer)] }));

        Last.Read<ConversationCreated>().Participants.Should().Equal(Person("ada", ParticipantRole.Owner));
    }

    [Fact]
    public async Task Create_TakenId_IsConflictForEverybodyInTheTenant()
    {
        await ConversationAsync();

        await RefusedAsync(ErrorCode.Conflict, () => Node.Send(Callers.Eve, new CreateConversation { Id = "c1", Title = "T" }));
        Ok(await Node.Send(Callers.OtherAdmin, new CreateConversation { Id = "c1", Title = "T" }));
    }

    [Fact]
    public async Task Create_WithoutScope_IsForbidden() => await RefusedAsync(
        ErrorCode.Forbidden, () => Node.Send(Callers.Ada.Without(Scopes.ConversationsWrite), new CreateConversation { Title = "T" }));

    [Fact]
    public async Task Create_Malformed_NamesTheMember()
    {
        var valid = new CreateConversation { Title = "T" };
        await InvalidAsync(() => Node.Send(Callers.Ada, valid with { Title = null! }), "title");
        await InvalidAsync(() => Node.Send(Callers.Ada, valid with { Title = " " }), "title");
        await InvalidAsync(() => Node.Send(Callers.Ada, valid with { Title = new string('x', 201) }), "title");
        await InvalidAsync(() => Node.Send(Callers.Ada, valid with { Id = "a.b" }), "id");
        await InvalidAsync(() => Node.Send(Callers.Ada, valid with { Id = "" }), "id");
        await InvalidAsync(() => Node.Send(Callers.Ada, valid with { Labels = Enumerable.Range(0, 33).ToDictionary(i => $"{i}", _ => "") }), "labels");
        await InvalidAsync(() => Node.Send(Callers.Ada, valid with { Labels = new Dictionary<string, string> { [""] = "x" } }), "labels");
        await InvalidAsync(() => Node.Send(Callers.Ada, valid with { Labels = new Dictionary<string, string> { ["x"] = null! } }), "labels");
        await InvalidAsync(() => Node.Send(Callers.Ada, valid with { Labels = new Dictionary<string, string> { ["x"] = new('x', 257) } }), "labels");
        await InvalidAsync(() => Node.Send(Callers.Ada, valid with { Participants = [.. Enumerable.Range(0, 101).Select(i => Person($"u{i}"))] }), "participants");
        await InvalidAsync(() => Node.Send(Callers.Ada, valid with { Participants = [null!] }), "participants");
        await InvalidAsync(() => Node.Send(Callers.Ada, valid with { Participants = [Person("bob"), Person("bob")] }), "participants");
        await InvalidAsync(() => Node.Send(Callers.Ada, valid with { Participants = [Person("bob"), Person("a b")] }), "participants[1].id");
        await InvalidAsync(() => Node.Send(Callers.Ada, valid with { Participants = [Person("*")] }), "participants[0].id");
        await InvalidAsync(() => Node.Send(Callers.Ada, valid with { Participants = [Person("bob") with { Kind = SubjectKind.System }] }), "participants[0].kind");
        await InvalidAsync(
            () => Node.Send(Callers.Ada, valid with { Participants = [Person("bob") with { DisplayName = new('x', 201) }] }), "participants[0].displayName");
        await InvalidAsync(() => Node.Send(Callers.Ada, valid with { IdempotencyKey = "" }), "idempotencyKey");
        await InvalidAsync(() => Node.Send(Callers.Ada, valid with { IdempotencyKey = new('x', 129) }), "idempotencyKey");
        await InvalidAsync(() => Node.Send(Callers.Ada, valid with { Title = "", Id = "?" }), "title", "id");
    }
}
