using System.Text.Json;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Features.Runs;
using RealtimeHub.Core.Pipeline;
using RealtimeHub.Core.Tests.Features;
using RealtimeHub.Core.Tests.Node;

namespace RealtimeHub.Core.Tests.Projection;

public sealed class RunListTests : World
{
    [Fact]
    public async Task Runs_Item_IsItsScalarsAndWhereItLives()
    {
        await Node.StartAsync();
        var run = await RunAsync();
        var item = (await RunsAsync(Callers.Ada)).Should().ContainSingle().Subject;

        item.GetProperty("topic").GetString().Should().Be(C1);
        item.GetProperty("runId").GetString().Should().Be(run);
        item.GetProperty("agentId").GetString().Should().Be("writer");
        item.TryGetProperty("requestedBy", out _).Should().BeTrue();
        item.TryGetProperty("requestedAt", out _).Should().BeTrue();
        item.TryGetProperty("deadline", out _).Should().BeTrue();
        item.TryGetProperty("updatedAt", out _).Should().BeTrue();
        item.TryGetProperty("toolCalls", out _).Should().BeFalse();
    }

    [Fact]
    public async Task Runs_Filters_ShowThoseAlone()
    {
        await Node.StartAsync();
        await RunAsync();
        var status = (await RunsAsync(Callers.Ada))[0].GetProperty("status").GetString()!;

        (await RunsAsync(Callers.Ada, new ListRuns { Status = $"failed,{status}", AgentId = "writer" })).Should().ContainSingle();
        (await RunsAsync(Callers.Ada, new ListRuns { Status = "completed" })).Should().BeEmpty();
        (await RunsAsync(Callers.Ada, new ListRuns { AgentId = "other" })).Should().BeEmpty();
        (await RunsAsync(Callers.Ada, new ListRuns { Label = "team" })).Should().BeEmpty();
    }

    [Fact]
    public async Task Runs_Ended_StayWithTheirStatus()
    {
        await Node.StartAsync();
        var run = await RunAsync();
        Ok(await PublishAsync(Callers.Writer, Event(EventTypes.RunCompleted, new RunCompleted(run))));

        var item = (await RunsAsync(Callers.Ada, new ListRuns { Status = "completed" })).Should().ContainSingle().Subject;
        item.TryGetProperty("endedAt", out _).Should().BeTrue();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Runs_MoreThanTheTopicRemembers_WhileNobodyProjects_AreAllThere(bool wereListedBefore)
    {
        await ConversationAsync();
        await AgentAsync();
        var runs = new List<string>();
        for (var i = 0; i < RunSet.ClosedRuns + 10; i++)
        {
            runs.Add(await AnotherRunAsync());
        }

        if (wereListedBefore)
        {
            await Node.StartAsync();
            (await RunsAsync(Callers.Ada, new ListRuns { Status = "running", Limit = 100 })).Should().HaveCount(runs.Count);
            await Node.StopAsync();
        }

        foreach (var run in runs)
        {
            Ok(await PublishAsync(Callers.Writer, Event(EventTypes.RunCompleted, new RunCompleted(run))));
        }

        await Node.StartAsync();
        var ended = await RunsAsync(Callers.Ada, new ListRuns { Status = "completed", Limit = 100 });
        ended.Select(r => r.GetProperty("runId").GetString()).Should().BeEquivalentTo(runs);
        ended[^1].GetRawText().Should().Contain("\"requestedBy\":{\"kind\":\"user\",\"id\":\"ada\"}").And.Contain("\"startedAt\"").And.Contain("\"endedAt\"");
        (await RunsAsync(Callers.Ada, new ListRuns { Status = "running" })).Should().BeEmpty();
    }

    [Fact]
    public async Task Runs_WhoLeft_SeesThemNoMore()
    {
        await Node.StartAsync();
        var run = await RunAsync();
        (await RunsAsync(Callers.Bob)).Should().ContainSingle();
        Ok(await Node.Send(Callers.Bob, new GetRun { RunId = run }));

        Ok(await Node.Send(Callers.Bob, new RemoveParticipant { ConversationId = "c1", Participant = Person("bob") }));

        (await RunsAsync(Callers.Bob)).Should().BeEmpty();
        await RefusedAsync(ErrorCode.NotFound, () => Node.Send(Callers.Bob, new GetRun { RunId = run }));
        (await RunsAsync(Olga)).Should().ContainSingle();
        (await RunsAsync(Callers.Eve)).Should().BeEmpty();
        (await RunsAsync(Callers.OtherAdmin)).Should().BeEmpty();
    }

    [Fact]
    public async Task Runs_WithoutScope_AreForbiddenOrHidden()
    {
        await Node.StartAsync();
        await RunAsync();
        (await RunsAsync(Callers.Ada.Without(Scopes.ConversationsRead))).Should().BeEmpty();
        await RefusedAsync(ErrorCode.Forbidden, () => Node.Send(Callers.Ada.Without(Scopes.AgentsRead), new ListRuns()));
    }

    [Fact]
    public async Task GetRun_IsTheRunOfTheSnapshotWithItsTopic()
    {
        await Node.StartAsync();
        var run = await RunAsync();
        await Node.ProjectedAsync();

        var state = Ok(await Node.Send(Callers.Ada, new GetRun { RunId = run }));

        state.GetProperty("topic").GetString().Should().Be(C1);
        var snapshot = Ok(await Node.Send(Callers.Ada, new GetSnapshot { Topic = C1 })).State.GetProperty("runs")[0];
        state.EnumerateObject().Where(p => !p.NameEquals("topic")).Select(p => p.ToString())
            .Should().Equal(snapshot.EnumerateObject().Select(p => p.ToString()));
        await RefusedAsync(ErrorCode.NotFound, () => Node.Send(Callers.Eve, new GetRun { RunId = run }));
        await RefusedAsync(ErrorCode.NotFound, () => Node.Send(Callers.Ada, new GetRun { RunId = "none" }));
    }

    [Fact]
    public async Task Lists_Malformed_NameTheMember()
    {
        await InvalidAsync(() => Node.Send(Callers.Ada, new ListRuns { Status = "asleep" }), "status");
        await InvalidAsync(() => Node.Send(Callers.Ada, new ListRuns { Status = "running," }), "status");
        await InvalidAsync(() => Node.Send(Callers.Ada, new ListRuns { AgentId = "a b", Limit = 0 }), "agentId", "limit");
        await InvalidAsync(() => Node.Send(Callers.Ada, new GetRun { RunId = "a b" }), "runId");
        await InvalidAsync(() => Node.Send(Callers.Ada, new ListConversations { Archived = "maybe" }), "archived");
    }

    private async Task<IReadOnlyList<JsonElement>> RunsAsync(Caller caller, ListRuns? request = null)
    {
        await Node.ProjectedAsync();
        return Ok(await Node.Send(caller, request ?? new ListRuns())).Items;
    }
}
