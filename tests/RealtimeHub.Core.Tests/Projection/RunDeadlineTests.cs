using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Tests.Features;
using RealtimeHub.Core.Tests.Node;

namespace RealtimeHub.Core.Tests.Projection;

/// <summary>Runs whose time is over are ended by the service.</summary>
public sealed class RunDeadlineTests : World
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);

    [Fact]
    public async Task Deadline_Passed_FailsTheRunWithTimeout()
    {
        await Node.StartAsync();
        var run = await TimedRunAsync(60);
        await Node.ProjectedAsync();
        await PassWithoutEffectAsync(TimeSpan.FromSeconds(59), EventTypes.RunFailed);

        var failed = await Node.PassAsync(TimeSpan.FromSeconds(1), Conversation, EventTypes.RunFailed);

        (failed.Actor, failed.RunId, failed.Origin).Should().Be((Subject.System, run, null));
        failed.Time.Should().Be(Node.Time.GetUtcNow());
        failed.Read<RunFailed>().Error.Code.Should().Be("timeout");
        await Node.ProjectedAsync();
        Node.EventsOf(WriterTopic).Should().Contain(e => e.Type == EventTypes.RunFailed && e.RunId == run && e.Origin != null);
    }

    [Fact]
    public async Task Deadline_RunHasEnded_DoesNothing()
    {
        await Node.StartAsync();
        var run = await TimedRunAsync(60);
        Ok(await PublishAsync(Callers.Writer, Event(EventTypes.RunCompleted, new RunCompleted(run))));

        await PassWithoutEffectAsync(TimeSpan.FromMinutes(2), EventTypes.RunFailed);
    }

    [Fact]
    public async Task Deadline_PassedWhileTheServiceWasDown_IsEnforcedWhenItIsBack()
    {
        await Node.StartAsync();
        await TimedRunAsync(60);
        await Node.ProjectedAsync();
        await Node.StopAsync();
        Node.Time.Advance(TimeSpan.FromHours(48));

        await using var restarted = new CoreNode(Node);
        await restarted.StartAsync();

        (await restarted.PassAsync(Tick, Conversation, EventTypes.RunFailed)).Read<RunFailed>().Error.Code.Should().Be("timeout");
    }

    [Fact]
    public async Task Deadline_RunWasRequestedWhileTheProjectorWasDown_IsEnforced()
    {
        await TimedRunAsync(60);
        Node.Time.Advance(TimeSpan.FromMinutes(2));

        await Node.StartAsync();
        await Node.ProjectedAsync();

        await Node.PassAsync(Tick, Conversation, EventTypes.RunFailed);
    }

    [Fact]
    public async Task Deadline_LogIsDown_IsTriedAgain()
    {
        await Node.StartAsync();
        await TimedRunAsync(60);
        await Node.ProjectedAsync();
        Node.Log.Faults.FailNextWrites(1, RealtimeHub.Specification.InMemory.FaultPoint.BeforeStoring);

        Node.Time.Advance(TimeSpan.FromSeconds(60));
        await Node.UntilAsync(() => Node.Log.Faults.Waiting == 0);

        await Node.PassAsync(Tick, Conversation, EventTypes.RunFailed);
    }

    [Fact]
    public async Task Deadline_SomebodyTookTheId_IsEnforcedAllTheSame()
    {
        await Node.StartAsync();
        var run = await TimedRunAsync(60);
        var id = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"deadline\nacme/{C1}\n0\n{run}")).AsSpan(0, 16));
        Ok(await PublishAsync(Callers.Writer, new PublishedEvent { Id = id, Type = "custom.note", RunId = run, Data = Json("{}") }));
        await Node.ProjectedAsync();

        await Node.PassAsync(TimeSpan.FromMinutes(2), Conversation, EventTypes.RunFailed);
    }

    [Fact]
    public async Task Cancel_NoAnswerIn30Seconds_CancelsTheRun()
    {
        await Node.StartAsync();
        var run = await TimedRunAsync(3600);
        Ok(await Node.Send(Callers.Ada, new CancelRun { Topic = C1, RunId = run }));
        await Node.ProjectedAsync();
        await PassWithoutEffectAsync(TimeSpan.FromSeconds(29), EventTypes.RunCancelled);

        var cancelled = await Node.PassAsync(TimeSpan.FromSeconds(1), Conversation, EventTypes.RunCancelled);

        (cancelled.Actor, cancelled.RunId).Should().Be((Subject.System, run));
    }

    [Fact]
    public async Task Cancel_AgentEndsItInTime_IsLeftAlone()
    {
        await Node.StartAsync();
        var run = await TimedRunAsync(3600);
        Ok(await Node.Send(Callers.Ada, new CancelRun { Topic = C1, RunId = run }));
        Node.Time.Advance(TimeSpan.FromSeconds(29));
        Ok(await PublishAsync(Callers.Writer, Event(EventTypes.RunCancelled, new RunCancelled(run, "stopped"))));

        await PassWithoutEffectAsync(TimeSpan.FromMinutes(1), EventTypes.RunCancelled);

        Node.EventsOf(Conversation).Where(e => e.Type == EventTypes.RunCancelled).Should().ContainSingle().Which.Actor.Should().Be(Subject.Agent("writer"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(180)]
    public async Task Cancel_ServiceWasDownMeanwhile_CancelsWhenItIsBack(int minutes)
    {
        await Node.StartAsync();
        var run = await TimedRunAsync(3600);
        await Node.ProjectedAsync();
        await Node.StopAsync();
        Ok(await Node.Send(Callers.Ada, new CancelRun { Topic = C1, RunId = run }));
        Node.Time.Advance(TimeSpan.FromMinutes(minutes)); // also beyond the run's own deadline: the cancellation came first

        await using var restarted = new CoreNode(Node);
        await restarted.StartAsync();
        await restarted.ProjectedAsync();
        await restarted.PassAsync(Tick, Conversation, EventTypes.RunCancelled);

        await restarted.ProjectedAsync();
        Node.EventsOf(Conversation).Should().NotContain(e => e.Type == EventTypes.RunFailed);
    }

    [Theory]
    [InlineData(EventTypes.RunCompleted)]
    [InlineData(EventTypes.RunFailed)]
    public async Task Cancel_AgentEndsItOtherwiseInTime_ThatStands(string type)
    {
        await Node.StartAsync();
        var run = await TimedRunAsync(3600);
        Ok(await Node.Send(Callers.Ada, new CancelRun { Topic = C1, RunId = run }));
        Node.Time.Advance(TimeSpan.FromSeconds(29));
        Ok(await PublishAsync(Callers.Writer, type == EventTypes.RunCompleted
            ? Event(type, new RunCompleted(run))
            : Event(type, new RunFailed(run, new RunError("stopped", "It was stopped.")))));

        await PassWithoutEffectAsync(TimeSpan.FromMinutes(1), EventTypes.RunCancelled);
    }

    [Fact]
    public async Task Cancel_NotStarted_IsOverAtOnceAndNothingFollows()
    {
        await Node.StartAsync();
        await ConversationAsync();
        await AgentAsync();
        var run = await AnotherRunAsync(start: false);

        Ok(await Node.Send(Callers.Ada, new CancelRun { Topic = C1, RunId = run, Reason = "enough" }));

        var cancelled = Node.EventsOf(Conversation).Single(e => e.Type == EventTypes.RunCancelled);
        (cancelled.Actor, cancelled.Read<RunCancelled>().Reason).Should().Be((Subject.User("ada"), "enough"));
        await Node.ProjectedAsync(); // its copies are written
        await RefusedAsync(ErrorCode.Conflict, () => PublishAsync(Callers.Writer, Event(EventTypes.RunStarted, new RunStarted(run, "writer"))));
        await PassWithoutEffectAsync(TimeSpan.FromMinutes(1), EventTypes.RunCancelled);
    }

    [Fact]
    public async Task Cancel_RunsOwnDeadlineComesFirst_TimesOut()
    {
        await Node.StartAsync();
        var run = await TimedRunAsync(20);
        Ok(await Node.Send(Callers.Ada, new CancelRun { Topic = C1, RunId = run }));
        await Node.ProjectedAsync();

        (await Node.PassAsync(TimeSpan.FromSeconds(20), Conversation, EventTypes.RunFailed)).Read<RunFailed>().Error.Code.Should().Be("timeout");
        await PassWithoutEffectAsync(TimeSpan.FromMinutes(1), EventTypes.RunCancelled);
    }

    [Fact]
    public async Task Cancel_RestartBetweenRequestAndDeadline_KeepsTheDeadline()
    {
        await Node.StartAsync();
        var run = await TimedRunAsync(3600);
        Ok(await Node.Send(Callers.Ada, new CancelRun { Topic = C1, RunId = run }));
        var asked = Node.Time.GetUtcNow();
        await Node.ProjectedAsync();
        Node.Time.Advance(TimeSpan.FromSeconds(10));
        await Node.StopAsync();

        await using var restarted = new CoreNode(Node);
        await restarted.StartAsync();
        Node.Time.Advance(TimeSpan.FromSeconds(19));
        var cancelled = await restarted.PassAsync(TimeSpan.FromSeconds(1), Conversation, EventTypes.RunCancelled);

        (cancelled.Actor, cancelled.RunId, cancelled.Time).Should().Be((Subject.System, run, asked.AddSeconds(30)));
    }

    [Fact]
    public async Task Cancel_AskedAgainOnTheBackbone_GivesNoMoreTime()
    {
        await Node.StartAsync();
        var run = await TimedRunAsync(3600);
        Ok(await Node.Send(Callers.Ada, new CancelRun { Topic = C1, RunId = run }));
        var asked = Node.Time.GetUtcNow();
        Node.Time.Advance(TimeSpan.FromSeconds(20));
        var data = JsonSerializer.SerializeToUtf8Bytes(new RunCancelRequested(run), ContractsJson.WireType<RunCancelRequested>());
        Node.Log.Append(
            new TopicKey(Callers.Tenant, Conversation),
            [new NewEvent("again", Lane.State, EventBody.Write("again", EventTypes.RunCancelRequested, Node.Time.GetUtcNow(), Subject.System, data, run))],
            expectedState: null);
        await Node.ProjectedAsync();

        (await Node.PassAsync(TimeSpan.FromSeconds(10), Conversation, EventTypes.RunCancelled)).Time.Should().Be(asked.AddSeconds(30));
    }

    private async Task<string> TimedRunAsync(int seconds)
    {
        await ConversationAsync();
        await AgentAsync();
        var run = Ok(await Node.Send(
            Callers.Ada, new StartRun { AgentId = "writer", ConversationId = "c1", Input = Json("1"), TimeoutSeconds = seconds })).RunId;
        Ok(await PublishAsync(Callers.Writer, Event(EventTypes.RunStarted, new RunStarted(run, "writer"))));
        return run;
    }

    // Twice a run of its own is ended: when the second one is, the service has looked at every run since the first one was due.
    private async Task PassWithoutEffectAsync(TimeSpan time, string type)
    {
        await ProbeAsync(time - TimeSpan.FromSeconds(1));
        await ProbeAsync(TimeSpan.FromSeconds(1));
        Node.EventsOf(Conversation).Should().NotContain(e => e.Type == type && e.Actor == Subject.System);
    }

    private async Task ProbeAsync(TimeSpan time)
    {
        var probe = Ok(await Node.Send(Callers.Ada, new StartRun { AgentId = "writer", Input = Json("1"), TimeoutSeconds = 1 })).RunId;
        await Node.ProjectedAsync();
        Node.Time.Advance(time);
        await Node.UntilAsync(() => Node.EventsOf(WriterTopic).Any(e => e.Type == EventTypes.RunFailed && e.RunId == probe));
    }
}
