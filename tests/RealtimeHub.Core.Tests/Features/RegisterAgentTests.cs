using RealtimeHub.Contracts;
using RealtimeHub.Core.Tests.Node;

namespace RealtimeHub.Core.Tests.Features;

public sealed class RegisterAgentTests : World
{
    private static readonly RegisterAgent Valid = new()
    {
        AgentId = "writer", Name = "Writer", Description = "Writes.", Capabilities = ["text"], Grants = [new(Subject.Role("*"), Permission.View)],
    };

    [Fact]
    public async Task Register_New_StoresItsDescription()
    {
        var reply = await Node.Send(Callers.Admin, Valid);

        Ok(reply).AgentId.Should().Be("writer");
        reply.Seq.Should().Be(Last.Sequence);
        (Last.Type, Last.Topic.Topic).Should().Be((EventTypes.AgentRegistered, WriterTopic));
        Last.Read<AgentRegistered>().Should().BeEquivalentTo(new AgentRegistered("Writer", "Writes.", ["text"], Valid.Grants));
        reply.Value!.Registered.Should().BeTrue();
    }

    [Fact]
    public async Task Register_NameAlone_HasGrantsAllTheSame()
    {
        Ok(await Node.Send(Callers.Admin, new RegisterAgent { AgentId = "writer", Name = "Writer" }));

        Last.Read<AgentRegistered>().Should().BeEquivalentTo(new AgentRegistered("Writer", Grants: []));
    }

    [Fact]
    public async Task Update_OfOneMember_SaysTheWholeAgent()
    {
        Ok(await Node.Send(Callers.Admin, Valid));

        Ok(await Node.Send(Callers.Admin, new UpdateAgent { AgentId = "writer", Description = "Writes well." }));

        Last.Read<AgentUpdated>().Should().BeEquivalentTo(new AgentUpdated("Writer", "Writes well.", ["text"], Valid.Grants));
    }

    [Fact]
    public async Task Register_Again_UpdatesAndClearsWhatIsLeftOut()
    {
        Ok(await Node.Send(Callers.Admin, Valid));

        var reply = await Node.Send(Callers.Admin, new RegisterAgent { AgentId = "writer", Name = "Author" });

        Ok(reply).Registered.Should().BeFalse();
        Last.Type.Should().Be(EventTypes.AgentUpdated);
        Last.Read<AgentUpdated>().Should().BeEquivalentTo(new AgentUpdated("Author", "", [], []));
    }

    [Fact]
    public async Task Register_SameAgain_IsOkAndAppendsNothing()
    {
        Ok(await Node.Send(Callers.Admin, Valid));

        var reply = await Node.Send(Callers.Admin, Valid);

        Ok(reply);
        reply.Seq.Should().BeNull();
        Count.Should().Be(1);
    }

    [Fact]
    public async Task Register_KeyedTwiceWithAnUpdateBetween_AnswersTheSame()
    {
        var first = await Node.Send(Callers.Admin, Valid with { IdempotencyKey = "k" });
        Ok(await Node.Send(Callers.Admin, Valid with { Name = "Author" }));

        (await Node.Send(Callers.Admin, Valid with { IdempotencyKey = "k" })).Should().Be(first);
        Count.Should().Be(2);
    }

    [Fact]
    public async Task Register_NotAdmin_IsForbidden() => await RefusedAsync(ErrorCode.Forbidden, () => Node.Send(Callers.Ada, Valid));

    [Fact]
    public async Task Register_Malformed_NamesTheMember()
    {
        await InvalidAsync(() => Node.Send(Callers.Admin, Valid with { AgentId = "a.b" }), "agentId");
        await InvalidAsync(() => Node.Send(Callers.Admin, Valid with { Name = "" }), "name");
        await InvalidAsync(() => Node.Send(Callers.Admin, Valid with { Description = new('x', 2001) }), "description");
        await InvalidAsync(() => Node.Send(Callers.Admin, Valid with { Capabilities = [.. Enumerable.Repeat("x", 65)] }), "capabilities");
        await InvalidAsync(() => Node.Send(Callers.Admin, Valid with { Capabilities = ["x", " "] }), "capabilities[1]");
        await InvalidAsync(() => Node.Send(Callers.Admin, Valid with { Grants = [null!] }), "grants");
        await InvalidAsync(() => Node.Send(Callers.Admin, Valid with { Grants = [new(null!, Permission.View)] }), "grants[0].subject");
        await InvalidAsync(() => Node.Send(Callers.Admin, Valid with { Grants = [new(Subject.System, Permission.View)] }), "grants[0].subject.kind");
        await InvalidAsync(() => Node.Send(Callers.Admin, Valid with { Grants = [new(Subject.User("*"), Permission.View)] }), "grants[0].subject.id");
        await InvalidAsync(() => Node.Send(Callers.Admin, Valid with { IdempotencyKey = "" }), "idempotencyKey");
    }
}
