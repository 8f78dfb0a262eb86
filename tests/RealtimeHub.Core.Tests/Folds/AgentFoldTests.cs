using System.Text.Json.Nodes;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Features.Agents;
using RealtimeHub.Core.Features.Tenants;

namespace RealtimeHub.Core.Tests.Folds;

/// <summary>Agents and the tenant's view of them.</summary>
public sealed class AgentFoldTests
{
    private static readonly Subject Writer = Subject.Agent("writer");
    private static readonly AccessGrant Everyone = new(Subject.Role("*"), Permission.View);

    private readonly FoldUnderTest fold = new(Topic.Agent("writer"));

    private AgentState Agent => fold.Fold.StateAs<AgentState>();

    [Fact]
    public void Registered_New_IsDescribed()
    {
        fold.Apply(EventTypes.AgentRegistered, new AgentRegistered("Writer", "Writes.", ["text"], [Everyone])).Should().BeTrue();

        Agent.IsRegistered.Should().BeTrue();
        (Agent.Name, Agent.Description, Agent.Status).Should().Be(("Writer", "Writes.", AgentStatus.Offline));
        Agent.Capabilities.Should().Equal("text");
        Agent.Readers.Should().Equal(Everyone.Subject, Writer);
    }

    [Fact]
    public void Updated_SomeMembers_KeepsTheOthers()
    {
        fold.Apply(EventTypes.AgentRegistered, new AgentRegistered("Writer", "Writes.", ["text"], [Everyone]));

        fold.Apply(EventTypes.AgentUpdated, new AgentUpdated(Name: "Author", Grants: []));

        (Agent.Name, Agent.Description).Should().Be(("Author", "Writes."));
        Agent.Capabilities.Should().Equal("text");
        Agent.Grants.Should().BeEmpty();
    }

    [Fact]
    public void StatusChanged_Registered_HasTheStatus()
    {
        fold.Apply(EventTypes.AgentStatusChanged, new AgentStatusChanged(AgentStatus.Busy), actor: Writer).Should().BeTrue();

        Agent.Status.Should().Be(AgentStatus.Busy);
    }

    [Fact]
    public void Runs_CopiesAndOwn_AreShownOpenWithTheirHome()
    {
        fold.Apply(EventTypes.AgentRegistered, new AgentRegistered("Writer"));
        fold.WithRun("own");
        Copy("away", "conversation:c1");
        Copy("over", "conversation:c1");
        fold.Apply(EventTypes.RunCompleted, new RunCompleted("over"), "over", Writer, origin: new EventOrigin("conversation:c1", 9));

        fold.Snapshot()["runs"]!.AsArray().Select(r => (Text(r!["runId"]), Text(r["topic"])))
            .Should().Equal(("away", "conversation:c1"), ("own", "agent:writer"));
    }

    [Fact]
    public void Tenant_CopiesOfAgentsAndRuns_AreTheOperationsView()
    {
        var tenant = new FoldUnderTest(Topic.Tenant("acme"));
        var origin = new EventOrigin("agent:writer", 5);
        tenant.Apply(EventTypes.AgentRegistered, new AgentRegistered("Writer"), origin: origin);
        tenant.Apply(EventTypes.AgentUpdated, new AgentUpdated(Name: "Author"), origin: origin);
        tenant.Apply(EventTypes.AgentStatusChanged, new AgentStatusChanged(AgentStatus.Online), actor: Writer, origin: origin);
        tenant.Apply(
            EventTypes.RunRequested, new RunRequested("r1", "writer", Json.Of("1"), tenant.Time), "r1", origin: new EventOrigin("conversation:c1", 6));

        tenant.Fold.StateAs<TenantState>().Agents["writer"].Should().Be(new AgentSummary("writer", "Author", AgentStatus.Online));
        var snapshot = tenant.Snapshot();
        snapshot["agents"]!.ToJsonString().Should().Be("""[{"id":"writer","name":"Author","status":"online"}]""");
        Text(snapshot["runs"]![0]!["topic"]).Should().Be("conversation:c1");
        snapshot["approvals"]!.AsArray().Should().BeEmpty();
        snapshot["inputs"]!.AsArray().Should().BeEmpty();
    }

    [Fact]
    public void User_Empty_HasAnInbox()
    {
        var user = new FoldUnderTest(Topic.User("ada"));
        user.ApplyRaw("custom.note", "{}").Should().BeTrue();

        user.Snapshot().ToJsonString().Should().Be("""{"id":"ada","inbox":[],"seq":1}""");
    }

    [Fact]
    public void Runs_OpenWithALongInput_SayWhatTheAgentWasAsked()
    {
        var input = new string('x', 30_000);
        fold.Apply(EventTypes.AgentRegistered, new AgentRegistered("Writer"));
        fold.Apply(EventTypes.RunRequested, new RunRequested("r1", "writer", Json.Of($"\"{input}\""), fold.Time), "r1", origin: new EventOrigin("conversation:c1", 3));

        var run = fold.Snapshot()["runs"]![0]!.AsObject();

        Text(run["input"]).Should().Be(input);
        run.ContainsKey("truncated").Should().BeFalse();
    }

    private void Copy(string runId, string home)
    {
        var data = new RunRequested(runId, "writer", Json.Of("1"), fold.Time);
        fold.Apply(EventTypes.RunRequested, data, runId, origin: new EventOrigin(home, 3)).Should().BeTrue();
    }

    private static string? Text(JsonNode? node) => node?.GetValue<string>();
}
