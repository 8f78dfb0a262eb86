using RealtimeHub.Contracts;
using RealtimeHub.Core.Features.Agents;
using RealtimeHub.Core.Tests.Node;

namespace RealtimeHub.Core.Tests.Features;

/// <summary>Permissions that are given one by one, and whose sessions end.</summary>
public sealed class AccessTests : World
{
    [Fact]
    public async Task Grant_ThenRevoke_GivesAndTakes()
    {
        await AgentAsync("writer", new AccessGrant(Subject.User("ada"), Permission.View));
        (await Node.FoldAsync(WriterTopic)).PermissionOf(Callers.Eve).Should().BeNull();

        Ok(await Node.Send(Callers.Admin, Grant("eve", Permission.Operate)));
        (await Node.FoldAsync(WriterTopic)).PermissionOf(Callers.Eve).Should().Be(Permission.Operate);
        Last.Type.Should().Be(EventTypes.AccessGranted);

        Ok(await Node.Send(Callers.Admin, Revoke("eve", Permission.Operate)));
        (await Node.FoldAsync(WriterTopic)).PermissionOf(Callers.Eve).Should().BeNull();
        Last.Type.Should().Be(EventTypes.AccessRevoked);
    }

    [Fact]
    public async Task Revoke_OneOfTwo_LeavesTheOther()
    {
        await AgentAsync("writer", new AccessGrant(Subject.User("eve"), Permission.View));
        Ok(await Node.Send(Callers.Admin, Grant("eve", Permission.Operate)));

        Ok(await Node.Send(Callers.Admin, Revoke("eve", Permission.Operate)));

        (await Node.FoldAsync(WriterTopic)).PermissionOf(Callers.Eve).Should().Be(Permission.View);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Revoke_WhatWasGivenTwiceInOneList_TakesIt(bool onUpdate)
    {
        AccessGrant[] twice = [new(Subject.User("eve"), Permission.Operate), new(Subject.User("eve"), Permission.Operate)];
        await AgentAsync("writer", onUpdate ? [new(Subject.User("ada"), Permission.View)] : twice);
        if (onUpdate)
        {
            Ok(await Node.Send(Callers.Admin, new UpdateAgent { AgentId = "writer", Grants = twice }));
        }

        var before = Count;
        Ok(await Node.Send(Callers.Admin, new UpdateAgent { AgentId = "writer", Grants = twice }));
        Count.Should().Be(before, "it is so");
        Ok(await Node.Send(Callers.Admin, Revoke("eve", Permission.Operate)));

        (await Node.FoldAsync(WriterTopic)).PermissionOf(Callers.Eve).Should().BeNull();
    }

    [Fact]
    public async Task GrantAndRevoke_WhatIsSo_IsOkAndAppendsNothing()
    {
        await AgentAsync("writer", new AccessGrant(Subject.User("eve"), Permission.View));
        var before = Count;

        (await Node.Send(Callers.Admin, Grant("eve", Permission.View))).Should().Be(Reply<Empty>.Success(Empty.Value));
        (await Node.Send(Callers.Admin, Revoke("eve", Permission.Own))).Should().Be(Reply<Empty>.Success(Empty.Value));

        Count.Should().Be(before);
    }

    [Fact]
    public async Task Grant_MoreThanThereMayBe_IsTooLarge()
    {
        await AgentAsync("writer", [.. Enumerable.Range(0, AgentState.MaxGrants).Select(i => new AccessGrant(Subject.User($"u{i}"), Permission.View))]);

        await RefusedAsync(ErrorCode.TooLarge, () => Node.Send(Callers.Admin, Grant("eve", Permission.View)));
        Ok(await Node.Send(Callers.Admin, Revoke("u7", Permission.View)));
        Ok(await Node.Send(Callers.Admin, Grant("eve", Permission.View)));
    }

    [Fact]
    public async Task UpdateAgent_OneMember_LeavesTheOthers()
    {
        await AgentAsync("writer", new AccessGrant(Subject.User("eve"), Permission.View));

        Ok(await Node.Send(Callers.Admin, new UpdateAgent { AgentId = "writer", Description = "Writes." }));

        var agent = (await Node.FoldAsync(WriterTopic)).StateAs<AgentState>();
        (agent.Name, agent.Description, agent.Grants.Count).Should().Be(("writer", "Writes.", 1));
        await RefusedAsync(ErrorCode.NotFound, () => Node.Send(Callers.Admin, new UpdateAgent { AgentId = "nobody", Name = "X" }));
    }

    [Fact]
    public async Task RevokeSessions_ByOthers_IsForbiddenWhetherTheyExistOrNot()
    {
        (await RefusedAsync(ErrorCode.Forbidden, () => Node.Send(Callers.Eve, new RevokeSessions { Subject = Subject.User("ada") })))
            .Should().Be(await RefusedAsync(ErrorCode.Forbidden, () => Node.Send(Callers.Eve, new RevokeSessions { Subject = Subject.User("nobody") })));
        Ok(await Node.Send(Callers.Eve, new RevokeSessions { Subject = Subject.User("eve") }));
        Last.Read<SessionsRevoked>().Before.Should().Be(Node.Time.GetUtcNow());
    }

    private static GrantAccess Grant(string user, Permission permission) => new() { Topic = "agent:writer", Subject = Subject.User(user), Permission = permission };

    private static RevokeAccess Revoke(string user, Permission permission) => new() { Topic = "agent:writer", Subject = Subject.User(user), Permission = permission };
}
