using RealtimeHub.Contracts;
using RealtimeHub.Core.Tests.Node;

namespace RealtimeHub.Core.Tests.Features;

public sealed class ParticipantTests : World
{
    private static AddParticipant Add(string user, ParticipantRole? role = null) => new() { ConversationId = "c1", Participant = Person(user, role) };

    private static RemoveParticipant Remove(string user) => new() { ConversationId = "c1", Participant = Person(user) };

    [Fact]
    public async Task Add_NewPerson_JoinsAsMember()
    {
        await ConversationAsync();

        var reply = await Node.Send(Callers.Ada, Add("eve"));

        Ok(reply).Should().Be(Empty.Value);
        reply.Seq.Should().Be(Last.Sequence);
        Last.Type.Should().Be(EventTypes.ParticipantJoined);
        Last.Read<ParticipantChanged>().Participant.Should().Be(Person("eve", ParticipantRole.Member));
        Ok(await Node.Send(Callers.Eve, new SendMessage { ConversationId = "c1", Text = "Hi" }));
    }

    [Fact]
    public async Task Add_WhoIsInAlready_IsOkAndAppendsNothing()
    {
        await ConversationAsync();
        var before = Count;

        var reply = await Node.Send(Callers.Ada, Add("bob"));

        reply.Ok.Should().BeTrue();
        reply.Seq.Should().BeNull();
        Count.Should().Be(before);
    }

    [Fact]
    public async Task Add_WithAnotherRole_ChangesIt()
    {
        await ConversationAsync();

        Ok(await Node.Send(Callers.Ada, Add("bob", ParticipantRole.Observer)));

        await RefusedAsync(ErrorCode.Forbidden, () => Node.Send(Callers.Bob, new SendMessage { ConversationId = "c1", Text = "Hi" }));
    }

    [Fact]
    public async Task Add_LastOwnerAsMember_IsConflict()
    {
        await ConversationAsync();

        await RefusedAsync(ErrorCode.Conflict, () => Node.Send(Callers.Ada, Add("ada", ParticipantRole.Member)));
    }

    [Fact]
    public async Task Add_LastOwnerUnderAnotherName_ChangesIt()
    {
        await ConversationAsync();
        var add = Add("ada", ParticipantRole.Owner);

        Ok(await Node.Send(Callers.Ada, add with { Participant = add.Participant with { DisplayName = "Ada" } }));

        Last.Read<ParticipantChanged>().Participant.DisplayName.Should().Be("Ada");
    }

    [Fact]
    public async Task Add_MoreThan500_IsTooLarge()
    {
        await ConversationAsync();
        for (var i = 0; i < 497; i++)
        {
            Ok(await Node.Send(Callers.Ada, Add($"u{i}")));
        }

        await RefusedAsync(ErrorCode.TooLarge, () => Node.Send(Callers.Ada, Add("u500")));
        Ok(await Node.Send(Callers.Ada, Add("bob", ParticipantRole.Owner)));
    }

    [Fact]
    public async Task Add_RoleTooLow_IsForbidden()
    {
        await ConversationAsync();

        await RefusedAsync(ErrorCode.Forbidden, () => Node.Send(Callers.Bob, Add("eve")));
        await RefusedAsync(ErrorCode.Forbidden, () => Node.Send(Olga, Add("eve")));
        Ok(await Node.Send(Callers.Admin, Add("eve")));
    }

    [Fact]
    public async Task Remove_SomebodyElse_Leaves()
    {
        await ConversationAsync();

        var reply = await Node.Send(Callers.Ada, Remove("bob"));

        reply.Seq.Should().Be(Last.Sequence);
        Last.Type.Should().Be(EventTypes.ParticipantLeft);
        Last.Read<ParticipantChanged>().Participant.Should().Be(Person("bob", ParticipantRole.Member));
        await RefusedAsync(ErrorCode.NotFound, () => Node.Send(Callers.Bob, new SendMessage { ConversationId = "c1", Text = "Hi" }));
    }

    [Fact]
    public async Task Remove_Oneself_IsAllowedToAnyone()
    {
        await ConversationAsync();

        Ok(await Node.Send(Olga, Remove("olga")));
        Last.Type.Should().Be(EventTypes.ParticipantLeft);
    }

    [Fact]
    public async Task Remove_WhoIsNotIn_IsOkAndAppendsNothing()
    {
        await ConversationAsync();
        var before = Count;

        (await Node.Send(Callers.Ada, Remove("eve"))).Should().Be(Reply<Empty>.Success(Empty.Value));

        Count.Should().Be(before);
    }

    [Fact]
    public async Task Remove_LastOwner_IsConflict()
    {
        await ConversationAsync();

        await RefusedAsync(ErrorCode.Conflict, () => Node.Send(Callers.Ada, Remove("ada")));
        await RefusedAsync(ErrorCode.Conflict, () => Node.Send(Callers.Admin, Remove("ada")));
    }

    [Fact]
    public async Task Remove_RoleTooLow_IsForbidden()
    {
        await ConversationAsync();

        await RefusedAsync(ErrorCode.Forbidden, () => Node.Send(Callers.Bob, Remove("olga")));
    }

    [Fact]
    public async Task Remove_TwoOwnersEachOtherAtOnce_ExactlyOneStays()
    {
        for (var i = 0; i < 20; i++)
        {
            var id = $"c{i}";
            Ok(await Node.Send(Callers.Ada, new CreateConversation { Id = id, Title = "T", Participants = [Person("bob", ParticipantRole.Owner)] }));

            var replies = await Task.WhenAll(
                Node.Send(Callers.Ada, new RemoveParticipant { ConversationId = id, Participant = Person("bob") }),
                Node.Send(Callers.Bob, new RemoveParticipant { ConversationId = id, Participant = Person("ada") }));

            replies.Count(r => r.Ok).Should().Be(1);
            replies.Single(r => !r.Ok).Error.Should().Be(Error.NotFound); // whoever lost is out, and may not know any more
            Node.EventsOf(Topic.Conversation(id)).Should().HaveCount(2);
        }
    }

    [Fact]
    public async Task AddAndRemove_Malformed_NameTheMember()
    {
        await InvalidAsync(() => Node.Send(Callers.Ada, Add("eve") with { ConversationId = "a:b" }), "conversationId");
        await InvalidAsync(() => Node.Send(Callers.Ada, Add("eve") with { Participant = null! }), "participant");
        await InvalidAsync(() => Node.Send(Callers.Ada, Add("")), "participant.id");
        await InvalidAsync(() => Node.Send(Callers.Ada, Add("eve") with { IdempotencyKey = "" }), "idempotencyKey");
        await InvalidAsync(() => Node.Send(Callers.Ada, Remove("eve") with { ConversationId = null! }), "conversationId");
        await InvalidAsync(() => Node.Send(Callers.Ada, Remove("eve") with { Participant = null! }), "participant");
        await InvalidAsync(() => Node.Send(Callers.Ada, Remove("a b")), "participant.id");
        await InvalidAsync(() => Node.Send(Callers.Ada, Remove("eve") with { IdempotencyKey = "" }), "idempotencyKey");
    }
}
