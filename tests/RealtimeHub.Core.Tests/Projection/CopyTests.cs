using System.Text;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Tests.Features;
using RealtimeHub.Core.Tests.Node;
using RealtimeHub.Specification.InMemory;

namespace RealtimeHub.Core.Tests.Projection;

public sealed class CopyTests : World
{
    private static readonly Topic TenantTopic = Topic.Tenant(Callers.Tenant);

    private static readonly string[] RunTypes = [EventTypes.RunRequested, EventTypes.RunStarted, EventTypes.RunSteered, EventTypes.RunCompleted];

    [Fact]
    public async Task Run_InAConversation_IsCopiedToItsAgentAndTheTenant()
    {
        await Node.StartAsync();
        await WholeRunAsync();

        await Node.ProjectedAsync();

        var originals = Node.EventsOf(Conversation).Where(e => e.RunId is not null && e.Type.StartsWith("run.", StringComparison.Ordinal)).ToList();
        originals.Select(e => e.Type).Should().Equal(RunTypes);
        foreach (var topic in (Topic[])[WriterTopic, TenantTopic])
        {
            var copies = Node.EventsOf(topic).Where(e => e.Type.StartsWith("run.", StringComparison.Ordinal)).ToList();
            copies.Select(e => e.Origin).Should().Equal(originals.Select(e => new EventOrigin(C1, e.Sequence)));
            copies.Select(Content).Should().Equal(originals.Select(Content));
        }
    }

    [Fact]
    public async Task Run_InItsAgent_IsCopiedToTheTenantAlone()
    {
        await AgentAsync();
        await Node.StartAsync();
        Ok(await Node.Send(Callers.Ada, new StartRun { AgentId = "writer", Input = Json("1") }));

        await Node.ProjectedAsync();

        Node.EventsOf(WriterTopic).Select(e => e.Type).Should().Equal(EventTypes.AgentRegistered, EventTypes.RunRequested);
        Node.EventsOf(TenantTopic).Select(e => e.Origin!.Topic).Should().Equal("agent:writer", "agent:writer");
    }

    [Fact]
    public async Task Agent_Events_AreCopiedToTheTenant()
    {
        await Node.StartAsync();
        await AgentAsync();
        Ok(await Node.Send(Callers.Writer, new PublishEvents
        {
            Topic = "agent:writer", Events = [Event(EventTypes.AgentStatusChanged, new AgentStatusChanged(AgentStatus.Online))],
        }));

        await Node.ProjectedAsync();

        var agents = Ok(await Node.Send(Callers.Admin, new GetSnapshot { Topic = "tenant:acme" })).State.GetProperty("agents");
        agents.GetRawText().Should().Be("""[{"id":"writer","name":"writer","status":"online"}]""");
    }

    [Fact]
    public async Task Tenants_SideBySide_GetTheirOwn()
    {
        await Node.StartAsync();
        await AgentAsync();
        Ok(await Node.Send(Callers.OtherAdmin, new RegisterAgent { AgentId = "writer", Name = "Other" }));

        await Node.ProjectedAsync();

        Node.EventsOf(TenantTopic).Should().ContainSingle();
        Node.EventsOf(Topic.Tenant("globex"), "globex").Should().ContainSingle();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Restart_FromTheBeginning_CopiesNothingTwice(bool onAnotherNode)
    {
        await Node.StartAsync();
        await WholeRunAsync();
        await Node.ProjectedAsync();
        var before = Count;

        await Node.StopAsync();
        await Node.Documents.DeleteAsync("projector.position", expectedRevision: null, TestContext.Current.CancellationToken);
        await using var restarted = new CoreNode(Node);
        var node = onAnotherNode ? restarted : Node;
        await node.StartAsync();
        await node.ProjectedAsync();

        Count.Should().Be(before);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Restart_FromTheBeginning_LongAfter_CopiesNothingTwice(bool isFoldCold)
    {
        await Node.StartAsync();
        await WholeRunAsync();
        await Node.ProjectedAsync();
        var before = Count;

        await Node.StopAsync();
        await Node.Documents.DeleteAsync("projector.position", expectedRevision: null, TestContext.Current.CancellationToken);
        Node.Log.ForgetIds();
        Node.Time.Advance(TimeSpan.FromDays(30));
        await using var restarted = new CoreNode(Node);
        var node = isFoldCold ? restarted : Node;
        await node.StartAsync();
        await node.ProjectedAsync();

        Count.Should().Be(before);
        Ok(await node.Send(Callers.Ada, new StartRun { AgentId = "writer", ConversationId = "c1", Input = Json("2") }));
        await node.ProjectedAsync();
        Node.EventsOf(WriterTopic).Count(e => e.Type == EventTypes.RunRequested).Should().Be(2);
    }

    [Fact]
    public async Task Foreign_ThatClaimsToBeACopy_HidesNoCopies()
    {
        await ConversationAsync();
        await AgentAsync();
        var body = EventBody.Write(
            "claim", "custom.copied", Node.Time.GetUtcNow(), Subject.Agent("writer"), "{}"u8, origin: new EventOrigin(C1, 1_000_000));
        Node.Log.Append(new TopicKey(Callers.Tenant, WriterTopic), [new NewEvent("claim", Lane.State, body)], expectedState: null);
        await Node.StartAsync();
        await AnotherRunAsync();

        await Node.ProjectedAsync();

        Node.EventsOf(WriterTopic).Should().Contain(e => e.Type == EventTypes.RunRequested);
    }

    [Fact]
    public async Task Copy_SomebodyTookItsId_IsMadeAllTheSameAndOnce()
    {
        // The id of a copy can be worked out, and publishers choose their own ids.
        await ConversationAsync();
        await AgentAsync();
        var id = SystemIds.ForCopy(new TopicKey(Callers.Tenant, Conversation), Last.Sequence + 2, WriterTopic);
        Ok(await Node.Send(
            Callers.Writer, new PublishEvents { Topic = "agent:writer", Events = [new PublishedEvent { Id = id, Type = "custom.note", Data = Json("{}") }] }));
        var run = await AnotherRunAsync(start: false);
        var requested = Last.Sequence;

        await Node.StartAsync();
        await Node.ProjectedAsync();

        Node.EventsOf(WriterTopic).Single(e => e.Type == EventTypes.RunRequested).Origin.Should().Be(new EventOrigin(C1, requested));
        (await Node.FoldAsync(WriterTopic)).CopiedThrough.Should().Be(requested);
        await Node.StopAsync();
        var before = Count;
        await Node.Documents.DeleteAsync("projector.position", expectedRevision: null, TestContext.Current.CancellationToken);
        await Node.StartAsync();
        await Node.ProjectedAsync();
        Count.Should().Be(before);
        Ok(await PublishAsync(Callers.Writer, Event(EventTypes.RunStarted, new RunStarted(run, "writer"))));
        await Node.ProjectedAsync();
        Node.EventsOf(WriterTopic)[^1].Type.Should().Be(EventTypes.RunStarted);
    }

    [Fact]
    public async Task Restart_AfterItWasDown_CopiesWhatIsMissing()
    {
        await WholeRunAsync();

        await Node.StartAsync();
        await Node.ProjectedAsync();

        Node.EventsOf(WriterTopic).Select(e => e.Type).Should().Equal([EventTypes.AgentRegistered, .. RunTypes]);
    }

    [Fact]
    public async Task Restart_FarBehind_CopiesRunsThatTheFoldForgot()
    {
        await ConversationAsync();
        await AgentAsync();
        for (var i = 0; i < 60; i++)
        {
            var run = await AnotherRunAsync();
            Ok(await PublishAsync(Callers.Writer, Event(EventTypes.RunCompleted, new RunCompleted(run))));
        }

        await Node.StartAsync();
        await Node.ProjectedAsync();

        Node.EventsOf(WriterTopic).Count(e => e.Type == EventTypes.RunRequested).Should().Be(60);
        Node.EventsOf(WriterTopic).Count(e => e.Type == EventTypes.RunCompleted).Should().Be(60);
        Ok(await Node.Send(Callers.Admin, new GetSnapshot { Topic = "agent:writer" })).State.GetProperty("runs").GetArrayLength().Should().Be(0);
    }

    [Theory]
    [InlineData(FaultPoint.BeforeStoring)]
    [InlineData(FaultPoint.AfterStoring)]
    public async Task Append_FailsOnTheWay_IsDoneOnceInTheEnd(FaultPoint point)
    {
        await WholeRunAsync();
        Node.Log.Faults.FailNextWrites(3, point);

        await Node.StartAsync();
        for (var left = 3; left > 0; left--)
        {
            var (timers, expected) = (Node.Time.Timers, left - 1);
            await Node.UntilAsync(() => Node.Log.Faults.Waiting <= expected && Node.Time.Timers > timers - 1 && Node.Errors.Count() >= 3 - expected);
            Node.Time.Advance(TimeSpan.FromSeconds(1));
        }

        await Node.ProjectedAsync();

        Node.EventsOf(WriterTopic).Select(e => e.Type).Should().Equal([EventTypes.AgentRegistered, .. RunTypes]);
        Node.EventsOf(TenantTopic).Should().HaveCount(5);
    }

    [Theory]
    [InlineData(EventTypes.RunRequested, """{"runId":"r1"}""")]
    [InlineData(EventTypes.RunRequested, """{"runId":"a b.*","agentId":"writer","input":1,"deadline":"2026-01-01T00:00:00Z"}""")]
    [InlineData(EventTypes.RunRequested, """{"runId":"r1","agentId":"a.b >","input":1,"deadline":"2026-01-01T00:00:00Z"}""")]
    [InlineData(EventTypes.ConversationUpdated, "[]")]
    public async Task Malformed_FromTheBackbone_IsPassedOver(string type, string data)
    {
        await RunAsync();
        var body = EventBody.Write("bad", type, Node.Time.GetUtcNow(), Subject.Agent("x"), Encoding.UTF8.GetBytes(data), "r1");
        await Node.Log.AppendAsync(
            new TopicKey(Callers.Tenant, Conversation), [new NewEvent("bad", Lane.State, body)], expectedState: null, TestContext.Current.CancellationToken);
        Ok(await Node.Send(Callers.Ada, new CreateConversation { Id = "c2", Title = "After" }));

        await Node.StartAsync();
        await Node.ProjectedAsync();

        Ok(await Node.Send(Callers.Ada, new ListConversations())).Items.Should().HaveCount(2);
    }

    // On the subject that a dot makes of it, nobody would find the copy again: the next one would wait for it for ever.
    [Fact]
    public async Task Agent_ThatIsNoId_HasNoTopic_AndItsRunIsNobodys()
    {
        await RunAsync();
        var requested = EventBody.Write(
            "bad-1", EventTypes.RunRequested, Node.Time.GetUtcNow(), Subject.Agent("x"),
            """{"runId":"r1","agentId":"writer.v2","input":1,"deadline":"2126-01-01T00:00:00Z"}"""u8, "r1");
        var started = EventBody.Write(
            "bad-2", EventTypes.RunStarted, Node.Time.GetUtcNow(), Subject.Agent("x"), """{"runId":"r1","agentId":"writer.v2"}"""u8, "r1");
        await Node.Log.AppendAsync(
            new TopicKey(Callers.Tenant, Conversation),
            [new NewEvent("bad-1", Lane.State, requested), new NewEvent("bad-2", Lane.State, started)],
            expectedState: null,
            TestContext.Current.CancellationToken);

        await Node.StartAsync();
        await Node.ProjectedAsync();

        Node.EventsOf(Topic.Agent("writer.v2")).Should().BeEmpty();
        Node.EventsOf(WriterTopic).Should().Contain(e => e.Type == EventTypes.RunRequested, "others are copied all the same");
        (await Node.Send(Callers.Ada, new CancelRun { Topic = C1, RunId = "r1" })).Error!.Code.Should().Be(ErrorCode.NotFound);
    }

    private async Task WholeRunAsync()
    {
        var run = await RunAsync();
        Ok(await Node.Send(Callers.Ada, new SteerRun { Topic = C1, RunId = run, Instruction = "shorter" }));
        Ok(await PublishAsync(Callers.Writer, Event(EventTypes.RunCompleted, new RunCompleted(run, Json("[1]")))));
    }

    private static (string, DateTimeOffset, Subject, string?, string) Content(StoredEvent e) =>
        (e.Type, e.Time, e.Actor, e.RunId, Encoding.UTF8.GetString(e.Data.Span));
}
