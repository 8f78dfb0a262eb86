using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Delivery;
using RealtimeHub.Core.Features.Conversations;
using RealtimeHub.Core.Folds;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Projection;
using RealtimeHub.Core.Tests.Features;
using RealtimeHub.Core.Tests.Node;
using RealtimeHub.Specification.InMemory;

namespace RealtimeHub.Core.Tests.Projection;

/// <summary>Conversations that were archived long ago go whole, and nothing else does.</summary>
public sealed class TopicRetentionTests : World
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Long = TimeSpan.FromDays(8);

    public TopicRetentionTests() => (Node.Retention.EndedDays, Node.Retention.DeltaHours) = (7, 0);

    [Fact]
    public async Task Archived_LongAgo_IsGoneForEverybody()
    {
        await Node.StartAsync();
        var run = await EndedConversationAsync();
        var cursor = Ok(await Node.Send(Callers.Ada, new GetSnapshot { Topic = C1 })).Cursor;
        await Node.Get<FoldCheckpoints>().WriteAsync(await Node.FoldAsync(Conversation));
        var last = Node.Log.Events[^1].Sequence;

        await RemovedAsync(Long);

        Node.EventsOf(Conversation).Should().BeEmpty();
        foreach (var caller in (Core.Pipeline.Caller[])[Callers.Ada, Callers.Admin])
        {
            (await Node.Send(caller, new GetSnapshot { Topic = C1 })).Error!.Code.Should().Be(ErrorCode.NotFound);
            (await Node.Send(caller, new GetHistory { Topic = C1, After = cursor })).Error!.Code.Should().Be(ErrorCode.NotFound);
            Ok(await Node.Send(caller, new ListConversations())).Items.Should().BeEmpty();
        }

        Node.EventsOf(WriterTopic).Should().Contain(e => e.RunId == run && e.Type == EventTypes.RunCompleted, "copies stay");
        (await Documents("fold.acme.conversation.")).Should().BeEmpty();
        (await Documents("idx.acme.run.")).Should().BeEmpty();
        Ok(await Node.Send(Callers.Admin, new ListRuns())).Items.Should().BeEmpty();
        (await Node.Log.GetHeadAsync(Token)).LastSequence.Should().BeGreaterThanOrEqualTo(last);
    }

    [Fact]
    public async Task Removed_MadeAnew_BeginsEmptyAndOldCursorsAreGone()
    {
        await Node.StartAsync();
        await EndedConversationAsync();
        var cursor = Ok(await Node.Send(Callers.Ada, new GetSnapshot { Topic = C1 })).Cursor;
        await RemovedAsync(Long);

        Ok(await Node.Send(Callers.Ada, new CreateConversation { Id = "c1", Title = "Anew" }));
        await Node.ProjectedAsync();

        var fold = await Node.FoldAsync(Conversation);
        (fold.StateAs<ConversationState>().Title, fold.StateAs<ConversationState>().Archived).Should().Be(("Anew", false));
        (await Node.Send(Callers.Ada, new GetHistory { Topic = C1, After = cursor })).Error!.Code.Should().Be(ErrorCode.Gone);
        Ok(await Node.Send(Callers.Ada, new ListConversations())).Items.Should().ContainSingle();
        await ProbeAsync();
        await ProbeGoneAsync(Long);
        Node.EventsOf(Conversation).Should().NotBeEmpty("it is not archived");
    }

    [Fact]
    public async Task NotLongEnough_OrNotArchived_Stays()
    {
        await Node.StartAsync();
        await ConversationAsync("c0");
        await Node.ProjectedAsync();
        Node.Time.Advance(TimeSpan.FromDays(30));
        await ProbeAsync();
        Node.Time.Advance(TimeSpan.FromDays(2));
        await EndedConversationAsync();

        await ProbeGoneAsync(TimeSpan.FromDays(6));

        Node.EventsOf(Conversation).Should().NotBeEmpty();
        Node.EventsOf(Topic.Conversation("c0")).Should().NotBeEmpty();
    }

    [Fact]
    public async Task SomethingHappenedSince_Stays()
    {
        await Node.StartAsync();
        await EndedConversationAsync();
        await ProbeAsync();
        Node.Time.Advance(TimeSpan.FromDays(4));
        Append(Conversation, EventTypes.ParticipantLeft, new ParticipantChanged(Person("bob")));
        await Node.ProjectedAsync();

        await ProbeGoneAsync(TimeSpan.FromDays(4));
        Node.EventsOf(Conversation).Should().NotBeEmpty();

        await RemovedAsync(TimeSpan.FromDays(4));
    }

    [Fact]
    public async Task UnfinishedRun_Stays()
    {
        await Node.StartAsync();
        await ConversationAsync();
        await AgentAsync();
        Node.Agents.Open(Callers.Tenant, ["writer"]);
        Append(Conversation, EventTypes.RunRequested, new RunRequested("r1", "writer", Json("1"), Node.Time.GetUtcNow().AddDays(20)), "r1");
        Append(Conversation, EventTypes.ConversationArchived, new ConversationArchived());
        await ProbeAsync();

        await ProbeGoneAsync(Long);
        Node.EventsOf(Conversation).Should().NotBeEmpty();

        await Node.PassAsync(TimeSpan.FromDays(12), Conversation, EventTypes.RunFailed);
        await Node.ProjectedAsync();
        await RemovedAsync(Long);
    }

    [Theory]
    [InlineData(FaultPoint.BeforeStoring)]
    [InlineData(FaultPoint.AfterStoring)]
    public async Task LogFails_IsDoneLater(FaultPoint fault)
    {
        await Node.StartAsync();
        await EndedConversationAsync();
        Node.Log.Faults.FailNextWrites(1, fault);
        Node.Time.Advance(Long);
        await Node.UntilAsync(() => Node.Log.Faults.Waiting == 0);

        await RemovedAsync(Hour);
    }

    [Theory]
    [InlineData(1, FaultPoint.BeforeStoring)]
    [InlineData(1, FaultPoint.AfterStoring)]
    [InlineData(2, FaultPoint.BeforeStoring)]
    public async Task CrashAfterAnyStep_IsDoneAfterTheRestart(int writes, FaultPoint fault)
    {
        await Node.StartAsync();
        await EndedConversationAsync();
        await Node.Get<FoldCheckpoints>().WriteAsync(await Node.FoldAsync(Conversation));
        Node.Documents.Faults.FailNextWrites(writes, fault);
        Node.Time.Advance(Long);
        await Node.UntilAsync(() => Node.Documents.Faults.Waiting < writes);
        if (Node.Documents.Faults.Waiting > 0)
        {
            Node.Time.Advance(Hour);
            await Node.UntilAsync(() => Node.Documents.Faults.Waiting == 0);
        }

        Node.EventsOf(Conversation).Should().BeEmpty("that comes first");
        await Node.StopAsync();

        await using var restarted = new CoreNode(Node);
        restarted.Retention.EndedDays = 7;
        await restarted.StartAsync();
        restarted.Time.Advance(Hour);
        await restarted.UntilAsync(() => !IsListed("c1"));
        (await Documents("fold.acme.conversation.")).Should().BeEmpty();
        (await restarted.Send(Callers.Ada, new GetSnapshot { Topic = C1 })).Error!.Code.Should().Be(ErrorCode.NotFound);
    }

    [Fact]
    public async Task CrashInTheMiddleOfTheLog_TheRestGoesAfterTheRestart()
    {
        await Node.StartAsync();
        await EndedConversationAsync();
        await Node.StopAsync();
        var events = Node.EventsOf(Conversation);
        Node.Log.Purge([.. events.Take(events.Count - 2).Select(e => e.Sequence)]);

        await using var restarted = new CoreNode(Node);
        restarted.Retention.EndedDays = 7;
        await restarted.StartAsync();
        restarted.Time.Advance(Long);

        await restarted.UntilAsync(() => !IsListed("c1"));
        Node.EventsOf(Conversation).Should().BeEmpty();
    }

    [Fact]
    public async Task Removed_WatchersOfTheNode_AreTold()
    {
        var watchers = new RecordingWatchers();
        await using var node = new CoreNode(Node, services => services.AddSingleton<ITopicWatchers>(watchers));
        node.Retention.EndedDays = 7;
        await node.StartAsync();
        await EndedConversationAsync(node);

        node.Time.Advance(Long);
        await node.UntilAsync(() => !IsListed("c1"));

        watchers.Removed.Should().Equal(new TopicKey(Callers.Tenant, Conversation));
    }

    [Fact]
    public async Task Removed_OtherNodes_AreTold()
    {
        var watchers = new RecordingWatchers();
        await using var other = new CoreNode(Node, services => services.AddSingleton<ITopicWatchers>(watchers));
        await other.StartAsync();
        var gone = new TopicKey(Callers.Tenant, Conversation);

        await Node.UntilAsync(async () =>
        {
            await Node.Get<RemovedTopics>().TellAsync(gone, Token); // who has just begun to listen may have missed one
            return watchers.Removed.Contains(gone);
        });

        Node.Time.Advance(TimeSpan.FromDays(2));
        await Node.Get<RemovedTopics>().RemoveOldAsync(Token);
        (await Documents("removed.")).Should().BeEmpty();
    }

    [Fact]
    public void Default_IsOff() => new RetentionOptions().EndedDays.Should().Be(0);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private async Task RemovedAsync(TimeSpan time)
    {
        Node.Time.Advance(time);
        await Node.UntilAsync(() => !IsListed("c1"));
        Node.EventsOf(Conversation).Should().BeEmpty();
    }

    // A conversation that is looked at after all others: when it is gone, so is what was to go with it.
    private async Task ProbeAsync()
    {
        await ConversationAsync("zz");
        Append(Topic.Conversation("zz"), EventTypes.ConversationArchived, new ConversationArchived());
        await Node.ProjectedAsync();
    }

    private async Task ProbeGoneAsync(TimeSpan time)
    {
        Node.Time.Advance(time);
        await Node.UntilAsync(() => !IsListed("zz"));
    }

    private async Task<string> EndedConversationAsync(CoreNode? node = null)
    {
        var run = await RunAsync();
        Ok(await PublishAsync(Callers.Writer, Event(EventTypes.RunCompleted, new RunCompleted(run))));
        Append(Conversation, EventTypes.ConversationArchived, new ConversationArchived());
        await (node ?? Node).ProjectedAsync();
        return run;
    }

    private void Append<T>(Topic topic, string type, T data, string? runId = null)
    {
        var id = Ids.New(Node.Time.GetUtcNow());
        var bytes = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(data, ContractsJson.WireType<T>());
        var body = EventBody.Write(id, type, Node.Time.GetUtcNow(), Subject.User("ada"), bytes, runId);
        Node.Log.Append(new TopicKey(Callers.Tenant, topic), [new NewEvent(id, Lane.State, body)], expectedState: null);
    }

    // Reads of the in-memory store are answered at once.
    private bool IsListed(string id)
    {
        var document = Node.Documents.GetAsync($"idx.acme.conversation.{id}", CancellationToken.None);
        return document is not { IsCompletedSuccessfully: true, Result: null };
    }

    private async Task<string[]> Documents(string prefix) => await Node.Documents.ListAsync(prefix, Token).Select(d => d.Key).ToArrayAsync(Token);

    private sealed class RecordingWatchers : ITopicWatchers
    {
        public ConcurrentQueue<TopicKey> Removed { get; } = [];

        public void TopicRemoved(TopicKey topic) => Removed.Enqueue(topic);
    }
}
