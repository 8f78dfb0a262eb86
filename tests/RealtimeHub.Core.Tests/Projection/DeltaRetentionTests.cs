using System.Text;
using Microsoft.Extensions.DependencyInjection;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Features.Conversations;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Projection;
using RealtimeHub.Core.Tests.Features;
using RealtimeHub.Core.Tests.Node;
using RealtimeHub.Specification;
using RealtimeHub.Specification.InMemory;

namespace RealtimeHub.Core.Tests.Projection;

/// <summary>Deltas go when they are old and what they belong to is complete, and nobody misses them.</summary>
public sealed class DeltaRetentionTests : World
{
    private static readonly TimeSpan OldEnough = TimeSpan.FromHours(25);
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(10);

    [Fact]
    public async Task Old_CompleteMessages_LoseTheirDeltasAndNothingElse()
    {
        await Node.StartAsync();
        var run = await RunOfAWeekAsync();
        await MessageAsync(run, "m1");
        await CompleteAsync(run, "m1");
        Ok(await PublishAsync(Callers.Writer, Event(EventTypes.RunCompleted, new RunCompleted(run))));
        await Node.ProjectedAsync();
        var (state, snapshot) = (StateIds(), await SnapshotAsync(Node));

        await PassAsync(OldEnough);

        Deltas().Should().BeEmpty();
        StateIds().Should().Equal(state);
        await using var rebuilt = new CoreNode(Node);
        (await SnapshotAsync(rebuilt)).Should().Be(snapshot);
    }

    [Fact]
    public async Task Young_CompleteMessages_KeepTheirDeltas()
    {
        await Node.StartAsync();
        var run = await RunOfAWeekAsync();
        await MessageAsync(run, "old");
        await CompleteAsync(run, "old");
        await Node.ProjectedAsync();
        await PassAsync(TimeSpan.FromHours(2));
        await MessageAsync(run, "young");
        await CompleteAsync(run, "young");
        await Node.ProjectedAsync();

        await PassAsync(TimeSpan.FromHours(23));

        Deltas().Should().Equal("young", "young");
    }

    [Fact]
    public async Task Old_OpenMessage_KeepsItsDeltasAndWhatFollowsUntilItIsComplete()
    {
        await Node.StartAsync();
        var run = await RunOfAWeekAsync();
        await MessageAsync(run, "before");
        await CompleteAsync(run, "before");
        await MessageAsync(run, "open");
        await MessageAsync(run, "after");
        await CompleteAsync(run, "after");
        await Node.ProjectedAsync();

        await PassAsync(OldEnough);

        Deltas().Should().Equal("open", "open", "after", "after");
        await using (var rebuilt = new CoreNode(Node))
        {
            (await rebuilt.FoldAsync(Conversation)).StateAs<ConversationState>().FindItem("open")!.Text.ToString().Should().Be("Hello");
        }

        await CompleteAsync(run, "open");
        await Node.ProjectedAsync();
        await PassAsync(Period);
        Deltas().Should().BeEmpty();
    }

    [Fact]
    public async Task Old_OpenMessageOfAnotherTopic_HoldsThePurge()
    {
        await Node.StartAsync();
        var run = await RunOfAWeekAsync();
        var other = Ok(await Node.Send(Callers.Eve, new StartRun { AgentId = "writer", Input = Json("1"), TimeoutSeconds = 604_800 })).RunId;
        Ok(await Node.Send(Callers.Writer, new PublishEvents
        {
            Topic = "agent:writer",
            Events = [Event(EventTypes.RunStarted, new RunStarted(other, "writer")), Event(EventTypes.ReasoningStarted, new ReasoningStarted("r1", "Plan"), other)],
        }));
        await MessageAsync(run, "m1");
        await CompleteAsync(run, "m1");
        await Node.ProjectedAsync();

        await PassAsync(OldEnough);

        Deltas().Should().Equal("m1", "m1");
    }

    [Fact]
    public async Task Old_OpenMessageWhoseRunTimesOut_IsClosedWithItsTextAndThenGoes()
    {
        await Node.StartAsync();
        var run = await RunOfAWeekAsync();
        await MessageAsync(run, "m1");
        await Node.ProjectedAsync();
        await PassAsync(TimeSpan.FromDays(6));
        Deltas().Should().Equal("m1", "m1");

        await Node.PassAsync(TimeSpan.FromDays(1), Conversation, EventTypes.RunFailed);
        await Node.ProjectedAsync();
        await PassAsync(Period);

        Deltas().Should().BeEmpty();
        Node.EventsOf(Conversation)[^1].Read<MessageCompleted>().Should().Be(new MessageCompleted("m1", "Hello", Incomplete: true));
    }

    [Fact]
    public async Task Restart_OldOpenMessage_StillHoldsThePurge()
    {
        await Node.StartAsync();
        var run = await RunOfAWeekAsync();
        await MessageAsync(run, "m1");
        await Node.ProjectedAsync();
        await Node.StopAsync();

        await using var restarted = new CoreNode(Node);
        await restarted.StartAsync();
        await PassAsync(OldEnough);
        Deltas().Should().Equal("m1", "m1");
    }

    [Fact]
    public async Task Old_ProjectorIsBehind_WaitsForIt()
    {
        var run = await RunOfAWeekAsync();
        await MessageAsync(run, "m1");
        await CompleteAsync(run, "m1");
        var gate = new GateProjection(EventTypes.MessageStarted);
        await using var node = new CoreNode(Node, services => services.AddSingleton<IProjection>(gate));
        await node.StartAsync();
        await Deadline.Within(gate.Reached);

        await PassAsync(OldEnough);
        Deltas().Should().Equal("m1", "m1");

        gate.Open();
        await node.ProjectedAsync();
        await PassAsync(Period);
        Deltas().Should().BeEmpty();
    }

    [Fact]
    public async Task Old_LogIsDown_IsTriedAgain()
    {
        await Node.StartAsync();
        var run = await RunOfAWeekAsync();
        await MessageAsync(run, "m1");
        await CompleteAsync(run, "m1");
        await Node.ProjectedAsync();
        Node.Log.Faults.FailNextWrites(1, FaultPoint.BeforeStoring);
        Node.Time.Advance(OldEnough);
        await Node.UntilAsync(() => Node.Log.Faults.Waiting == 0);

        Node.Time.Advance(Period);

        await Node.UntilAsync(() => Deltas().Length == 0);
    }

    [Fact]
    public async Task Old_HistoryFromACursorAtAPurgedDelta_GoesOn()
    {
        await Node.StartAsync();
        var run = await RunOfAWeekAsync();
        await MessageAsync(run, "m1");
        var cursor = Ok(await Node.Send(Callers.Ada, new GetSnapshot { Topic = C1 })).Cursor;
        await CompleteAsync(run, "m1");
        await Node.ProjectedAsync();

        await PassAsync(OldEnough);

        Deltas().Should().BeEmpty("the cursor was taken at one of them");
        Ok(await Node.Send(Callers.Ada, new GetHistory { Topic = C1, After = cursor })).Events
            .Select(e => e.GetProperty("type").GetString()).Should().Equal(EventTypes.MessageCompleted);
    }

    [Fact]
    public async Task Off_NothingIsEverLookedFor()
    {
        Node.Retention.DeltaHours = 0;

        await Deadline.Within(Node.Get<DeltaRetention>().RunAsync(TestContext.Current.CancellationToken));

        (Node.Time.Timers, Node.Log.Purges).Should().Be((0, 0));
    }

    /// <summary>Lets time pass, and waits until retention has looked with the clock there.</summary>
    private async Task PassAsync(TimeSpan time)
    {
        // It may be looking while the clock moves; the look after that one is the one to wait for.
        var before = Node.Log.Purges;
        Node.Time.Advance(time);
        await Node.UntilAsync(() => Node.Log.Purges > before);
        Node.Time.Advance(Period);
        await Node.UntilAsync(() => Node.Log.Purges > before + 1);
    }

    private async Task<string> RunOfAWeekAsync()
    {
        await ConversationAsync();
        await AgentAsync();
        Node.Agents.Open(Callers.Tenant, ["writer"]);
        var run = Ok(await Node.Send(
            Callers.Ada, new StartRun { AgentId = "writer", ConversationId = "c1", Input = Json("1"), TimeoutSeconds = 604_800 })).RunId;
        Ok(await PublishAsync(Callers.Writer, Event(EventTypes.RunStarted, new RunStarted(run, "writer"))));
        return run;
    }

    private async Task MessageAsync(string run, string id) => Ok(await PublishAsync(
        Callers.Writer,
        Event(EventTypes.MessageStarted, new MessageStarted(id, MessageRole.Assistant), run),
        Event(EventTypes.MessageDelta, new MessageDelta(id, "Hel", 0), run),
        Event(EventTypes.MessageDelta, new MessageDelta(id, "lo", 3), run)));

    private async Task CompleteAsync(string run, string id) =>
        Ok(await PublishAsync(Callers.Writer, Event(EventTypes.MessageCompleted, new MessageCompleted(id, "Hello"), run)));

    private string[] Deltas() => [.. Node.Log.Events.Where(e => e.Lane == Lane.Stream).Select(e => e.Read<MessageDelta>().MessageId)];

    private string[] StateIds() => [.. Node.Log.Events.Where(e => e.Lane == Lane.State).Select(e => e.Id)];

    private static async Task<string> SnapshotAsync(CoreNode node) =>
        Encoding.UTF8.GetString((await node.FoldAsync(Conversation)).WriteSnapshot(node.Log.Epoch).Span);

    /// <summary>Holds the projector up at the first event of a type.</summary>
    private sealed class GateProjection(string type) : IProjection
    {
        private readonly TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Reached => reached.Task;

        public void Open() => opened.TrySetResult();

        public async ValueTask ProjectAsync(StoredEvent e, CancellationToken cancellationToken)
        {
            if (e.Type == type)
            {
                reached.TrySetResult();
                await opened.Task.WaitAsync(cancellationToken);
            }
        }
    }
}
