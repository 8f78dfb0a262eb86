using RealtimeHub.Contracts;
using RealtimeHub.Core.Features.Agents;
using RealtimeHub.Core.Features.Runs;
using RealtimeHub.Core.Tests.Features;
using RealtimeHub.Core.Tests.Node;
using RealtimeHub.Specification.InMemory;

namespace RealtimeHub.Core.Tests.Liveness;

/// <summary>An agent that goes away is missed after 30 seconds and welcomed when it is back, once each.</summary>
public sealed class AgentLivenessTests : World
{
    private static readonly TimeSpan Away = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Disconnected_For30Seconds_IsOfflineAndItsRunsAreStalled()
    {
        var run = await ConnectedRunAsync(out var connection);
        var own = Ok(await Node.Send(Callers.Eve, new StartRun { AgentId = "writer", Input = Json("1") })).RunId;
        await Node.ProjectedAsync();

        connection.Dispose();
        await Node.PassUntilLookedAsync(TimeSpan.FromSeconds(29));
        Liveness().Should().BeEmpty();
        (await StatusAsync()).Should().Be(AgentStatus.Online);

        await Node.PassUntilLookedAsync(TimeSpan.FromSeconds(1));
        await Node.ProjectedAsync();

        (await StatusAsync()).Should().Be(AgentStatus.Offline);
        Node.EventsOf(WriterTopic).Last(e => e.Type == EventTypes.AgentStatusChanged).Actor.Should().Be(Subject.System);
        Liveness().Should().BeEquivalentTo([$"run.stalled {run}", $"run.stalled {own}"]);
        var stalled = Node.EventsOf(Conversation).Single(e => e.Type == EventTypes.RunStalled);
        (stalled.Actor, stalled.RunId, stalled.Read<RunLiveness>()).Should().Be((Subject.System, run, new RunLiveness(run, "agent_offline")));
        Node.EventsOf(WriterTopic).Should().Contain(e => e.Type == EventTypes.RunStalled && e.RunId == run && e.Origin != null, "it is copied");
        (await RunAtHomeAsync(run)).IsStalled.Should().BeTrue();
    }

    [Fact]
    public async Task Disconnected_StaysAway_IsSaidOnce()
    {
        await ConnectedRunAsync(out var connection);
        connection.Dispose();

        await Node.PassUntilLookedAsync(Away);
        await Node.ProjectedAsync();
        var count = Count;
        await Node.PassUntilLookedAsync(Away);
        await Node.PassUntilLookedAsync(Away);

        Count.Should().Be(count);
    }

    [Fact]
    public async Task Connected_OrBackInTime_IsLeftAlone()
    {
        await ConnectedRunAsync(out var connection);
        await Node.PassUntilLookedAsync(TimeSpan.FromHours(1) - TimeSpan.FromMinutes(10));
        connection.Dispose();
        await Node.PassUntilLookedAsync(TimeSpan.FromSeconds(25));

        Node.Agents.Open(Callers.Tenant, ["writer"]);
        await Node.PassUntilLookedAsync(TimeSpan.FromSeconds(60));

        Liveness().Should().BeEmpty();
        (await StatusAsync()).Should().Be(AgentStatus.Online);
    }

    [Fact]
    public async Task OneOfTwoConnections_IsEnough()
    {
        await ConnectedRunAsync(out var first);
        var second = Node.Agents.Open(Callers.Tenant, ["writer", "critic"]);

        first.Dispose();
        first.Dispose();
        await Node.PassUntilLookedAsync(Away);
        Liveness().Should().BeEmpty();

        second.Dispose();
        await Node.PassUntilLookedAsync(Away);
        Liveness().Should().ContainSingle();
    }

    [Fact]
    public async Task Back_Connected_ResumesItsRunsAndIsOnlineAgain()
    {
        var run = await ConnectedRunAsync(out var connection);
        connection.Dispose();
        await Node.PassUntilLookedAsync(Away);

        using var again = Node.Agents.Open(Callers.Tenant, ["writer"]);
        await Node.PassUntilLookedAsync(TimeSpan.Zero);

        Liveness().Should().Equal($"run.stalled {run}", $"run.resumed {run}");
        (await RunAtHomeAsync(run)).IsStalled.Should().BeFalse();
        (await StatusAsync()).Should().Be(AgentStatus.Online);
    }

    [Fact]
    public async Task Back_SecondAbsence_IsSaidAgain()
    {
        var run = await ConnectedRunAsync(out var connection);
        for (var i = 0; i < 3; i++)
        {
            connection.Dispose();
            await Node.PassUntilLookedAsync(Away);
            connection = Node.Agents.Open(Callers.Tenant, ["writer"]);
            await Node.PassUntilLookedAsync(TimeSpan.Zero);
        }

        Liveness().Should().Equal(Enumerable.Repeat((string[])[$"run.stalled {run}", $"run.resumed {run}"], 3).SelectMany(e => e));
        Node.EventsOf(WriterTopic).Where(e => e.Type == EventTypes.AgentStatusChanged).Select(e => e.Read<AgentStatusChanged>().Status)
            .Should().Equal(
                AgentStatus.Online, AgentStatus.Offline, AgentStatus.Online, AgentStatus.Offline, AgentStatus.Online, AgentStatus.Offline, AgentStatus.Online);
    }

    [Fact]
    public async Task Back_AgentSaidItsStatusItself_KeepsItsWord()
    {
        await ConnectedRunAsync(out var connection);
        connection.Dispose();
        await Node.PassUntilLookedAsync(Away);
        await SayAsync(AgentStatus.Busy);

        Node.Agents.Open(Callers.Tenant, ["writer"]);
        await Node.PassUntilLookedAsync(TimeSpan.Zero);

        (await StatusAsync()).Should().Be(AgentStatus.Busy);
    }

    [Fact]
    public async Task Connected_SaysThatItIsOffline_IsBelievedAndItsRunsGoOn()
    {
        await ConnectedRunAsync(out _);

        await SayAsync(AgentStatus.Offline);
        await Node.PassUntilLookedAsync(Away);
        await Node.PassUntilLookedAsync(Away);

        (await StatusAsync()).Should().Be(AgentStatus.Offline);
        Liveness().Should().BeEmpty();
    }

    [Fact]
    public async Task Requested_AgentIsAway_IsStalledAfter30SecondsAndResumedWhenItComes()
    {
        await Node.StartAsync();
        var first = await RunAsync(start: false);
        await Node.ProjectedAsync();
        await Node.PassUntilLookedAsync(TimeSpan.FromSeconds(20));
        Liveness().Should().BeEmpty();
        await Node.PassUntilLookedAsync(TimeSpan.FromSeconds(10));
        Liveness().Should().Equal($"run.stalled {first}");

        var second = await AnotherRunAsync(start: false);
        await Node.ProjectedAsync();
        await Node.PassUntilLookedAsync(TimeSpan.FromSeconds(20));
        Liveness().Should().Equal($"run.stalled {first}");
        await Node.PassUntilLookedAsync(TimeSpan.FromSeconds(10));
        Liveness().Should().Equal($"run.stalled {first}", $"run.stalled {second}");

        Node.Agents.Open(Callers.Tenant, ["writer"]);
        await Node.PassUntilLookedAsync(TimeSpan.Zero);
        Liveness().Should().BeEquivalentTo([$"run.stalled {first}", $"run.stalled {second}", $"run.resumed {first}", $"run.resumed {second}"]);
    }

    [Fact]
    public async Task WithoutAHub_PublishesNowAndThen_IsAlive()
    {
        await Node.StartAsync();
        var run = await RunAsync();
        Ok(await PublishAsync(Callers.Writer, Event(EventTypes.MessageStarted, new MessageStarted("m1", MessageRole.Assistant), run)));
        for (var i = 0; i < 4; i++)
        {
            await Node.ProjectedAsync();
            await Node.PassUntilLookedAsync(TimeSpan.FromSeconds(25));
            Ok(await PublishAsync(Callers.Writer, Event(EventTypes.MessageDelta, new MessageDelta("m1", "x"), run)));
        }

        Liveness().Should().BeEmpty("deltas are a sign of life, too");

        await Node.PassUntilLookedAsync(Away);
        Liveness().Should().Equal($"run.stalled {run}");

        Ok(await PublishAsync(Callers.Writer, Event(EventTypes.MessageDelta, new MessageDelta("m1", "x"), run)));
        await Node.PassUntilLookedAsync(TimeSpan.Zero);
        Liveness().Should().Equal($"run.stalled {run}", $"run.resumed {run}");
        (await StatusAsync()).Should().Be(AgentStatus.Offline, "it never said otherwise, and has no connection");
    }

    [Fact]
    public async Task WithoutAHub_SaidThatItIsOnline_IsBelievedUntilItTakesThatBack()
    {
        await Node.StartAsync();
        var run = await RunAsync();
        await SayAsync(AgentStatus.Online);
        await Node.ProjectedAsync();

        await Node.PassUntilLookedAsync(TimeSpan.FromMinutes(20));
        Liveness().Should().BeEmpty();

        await SayAsync(AgentStatus.Offline);
        await Node.ProjectedAsync();
        await Node.PassUntilLookedAsync(Away);
        Liveness().Should().Equal($"run.stalled {run}");
    }

    [Fact]
    public async Task Ended_RunsOfAnAgentThatIsAway_StayAsTheyAre()
    {
        var run = await ConnectedRunAsync(out var connection);
        Ok(await PublishAsync(Callers.Writer, Event(EventTypes.RunCompleted, new RunCompleted(run))));
        await Node.ProjectedAsync();

        connection.Dispose();
        await Node.PassUntilLookedAsync(Away);

        (await StatusAsync()).Should().Be(AgentStatus.Offline);
        Liveness().Should().BeEmpty();
    }

    [Fact]
    public async Task Unregistered_Agent_GetsNoStatus()
    {
        await Node.StartAsync();
        var connection = Node.Agents.Open(Callers.Tenant, ["nobody"]);
        await Node.PassUntilLookedAsync(TimeSpan.Zero);

        connection.Dispose();
        await Node.PassUntilLookedAsync(Away);

        Count.Should().Be(0);
        (await Node.Documents.ListAsync("hubagent.", TestContext.Current.CancellationToken).CountAsync(TestContext.Current.CancellationToken)).Should().Be(0);
    }

    [Fact]
    public async Task OtherTenant_AgentOfTheSameName_IsAnother()
    {
        await ConnectedRunAsync(out var connection);
        Node.Agents.Open("globex", ["writer"]);

        connection.Dispose();
        await Node.PassUntilLookedAsync(Away);

        Liveness().Should().ContainSingle();
    }

    [Fact]
    public async Task Restart_AgentsHave30SecondsToComeBack()
    {
        var run = await ConnectedRunAsync(out _);
        await Node.StopAsync();
        Node.Time.Advance(TimeSpan.FromMinutes(10));

        await using var restarted = new CoreNode(Node);
        await restarted.StartAsync();
        await restarted.PassUntilLookedAsync(TimeSpan.FromSeconds(29));
        Liveness().Should().BeEmpty();
        (await StatusAsync()).Should().Be(AgentStatus.Online);

        await restarted.PassUntilLookedAsync(TimeSpan.FromSeconds(1));
        Liveness().Should().Equal($"run.stalled {run}");
        (await StatusAsync()).Should().Be(AgentStatus.Offline);
    }

    [Fact]
    public async Task Restart_AgentComesBackInTime_NothingIsSaid()
    {
        await ConnectedRunAsync(out _);
        await Node.StopAsync();
        var count = Count;

        await using var restarted = new CoreNode(Node);
        await restarted.StartAsync();
        restarted.Agents.Open(Callers.Tenant, ["writer"]);
        await restarted.PassUntilLookedAsync(TimeSpan.FromSeconds(60));

        Count.Should().Be(count);
    }

    [Fact]
    public async Task Restart_WhileAgentIsAway_StallsNothingTwiceAndResumesWhenItIsBack()
    {
        var run = await ConnectedRunAsync(out var connection);
        connection.Dispose();
        await Node.PassUntilLookedAsync(Away);
        await Node.ProjectedAsync();
        await Node.StopAsync();

        await using var restarted = new CoreNode(Node);
        await restarted.StartAsync();
        await restarted.PassUntilLookedAsync(TimeSpan.FromSeconds(60));
        Liveness().Should().Equal($"run.stalled {run}");

        restarted.Agents.Open(Callers.Tenant, ["writer"]);
        await restarted.PassUntilLookedAsync(TimeSpan.Zero);
        Liveness().Should().Equal($"run.stalled {run}", $"run.resumed {run}");
        (await StatusAsync()).Should().Be(AgentStatus.Online);
    }

    [Theory]
    [InlineData(FaultPoint.BeforeStoring)]
    [InlineData(FaultPoint.AfterStoring)]
    public async Task LogFails_InTheMiddle_IsTriedAgainAndSaidOnce(FaultPoint fault)
    {
        var run = await ConnectedRunAsync(out var connection);
        connection.Dispose();
        Node.Log.Faults.FailNextWrites(2, fault);

        await Node.PassUntilLookedAsync(Away);
        await Node.PassUntilLookedAsync(TimeSpan.FromSeconds(1));
        await Node.PassUntilLookedAsync(TimeSpan.FromSeconds(1));

        Node.Log.Faults.Waiting.Should().Be(0);
        Liveness().Should().Equal($"run.stalled {run}");
        Node.EventsOf(WriterTopic).Count(e => e.Type == EventTypes.AgentStatusChanged && e.Actor == Subject.System).Should().Be(1);
    }

    /// <summary>A run under way, of an agent that is connected and said that it is online.</summary>
    private Task<string> ConnectedRunAsync(out IDisposable connection)
    {
        connection = Node.Agents.Open(Callers.Tenant, ["writer"]);
        return BeginAsync();

        async Task<string> BeginAsync()
        {
            await Node.StartAsync();
            var run = await RunAsync();
            await SayAsync(AgentStatus.Online);
            await Node.PassUntilLookedAsync(TimeSpan.Zero);
            await Node.ProjectedAsync();
            return run;
        }
    }

    private async Task SayAsync(AgentStatus status) => Ok(await Node.Send(
        Callers.Writer, new PublishEvents { Topic = "agent:writer", Events = [Event(EventTypes.AgentStatusChanged, new AgentStatusChanged(status))] }));

    private async Task<AgentStatus> StatusAsync() => (await Node.FoldAsync(WriterTopic)).StateAs<AgentState>().Status;

    private async Task<RunState> RunAtHomeAsync(string run) => ((IHasRuns)(await Node.FoldAsync(Conversation)).State).Runs.Find(run)!;

    /// <summary>What was said of runs where they live.</summary>
    private List<string> Liveness() =>
    [
        .. Node.Log.Events.Where(e => e is { Origin: null, Type: EventTypes.RunStalled or EventTypes.RunResumed }).Select(e => $"{e.Type} {e.RunId}"),
    ];
}
