using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Features.Runs;
using RealtimeHub.Core.Folds;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Features.Tenants;

/// <summary>A tenant: the operations view, made of copies. For its admins.</summary>
public sealed record TenantState : ITopicState, IHasRuns
{
    /// <summary>The tenant's id.</summary>
    public required string Id { get; init; }

    /// <inheritdoc/>
    public RunSet Runs { get; init; } = new();

    /// <summary>Its agents, by id.</summary>
    public ImmutableDictionary<string, AgentSummary> Agents { get; init; } = ImmutableDictionary.Create<string, AgentSummary>(StringComparer.Ordinal);

    /// <inheritdoc/>
    [JsonIgnore]
    public long? OldestOpen => null;

    /// <inheritdoc/>
    [JsonIgnore]
    public IEnumerable<Subject> Readers => [];

    /// <inheritdoc/>
    public Item? FindItem(string key) => null;

    /// <inheritdoc/>
    public ITopicState? Apply(StoredEvent e)
    {
        if (e.Origin is { } origin && Topic.TryParse(origin.Topic, out var topic) && topic.Kind == TopicKind.Agent
            && e.Type.StartsWith("agent.", StringComparison.Ordinal))
        {
            var agent = Agents.GetValueOrDefault(topic.Id) ?? new AgentSummary(topic.Id, topic.Id, AgentStatus.Offline);
            return this with { Agents = Agents.SetItem(topic.Id, agent.After(e)) };
        }

        return Runs.Apply(e) is { } runs ? this with { Runs = runs } : null;
    }

    /// <inheritdoc/>
    public Permission? PermissionOf(Caller caller) => caller.IsAdmin && caller.Tenant == Id ? Permission.Own : null;

    /// <inheritdoc/>
    public void WriteScalars(Utf8JsonWriter writer) => writer.WriteString("id"u8, Id);

    /// <inheritdoc/>
    public void WriteMembers(Utf8JsonWriter writer, SnapshotBudget budget)
    {
        WriteScalars(writer);
        RunWriter.WriteOpenRuns(writer, Runs, budget);
        writer.WriteStartArray("agents"u8);
        foreach (var agent in Agents.Values.OrderBy(a => a.AgentId, StringComparer.Ordinal).Take(budget.Items))
        {
            writer.WriteStartObject();
            writer.WriteString("id"u8, agent.AgentId);
            SnapshotBudget.WriteText(writer, "name", agent.Name, budget.Line);
            writer.WriteString("status"u8, JsonNamingPolicy.SnakeCaseLower.ConvertName(agent.Status.ToString()));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("approvals"u8);
        writer.WriteEndArray();
        writer.WriteStartArray("inputs"u8);
        writer.WriteEndArray();
    }
}

/// <summary>An agent as the operations view shows it.</summary>
public sealed record AgentSummary(string AgentId, string Name, AgentStatus Status)
{
    /// <summary>The summary after a copied event of the agent.</summary>
    public AgentSummary After(StoredEvent e) => e.Type switch
    {
        EventTypes.AgentRegistered => this with { Name = e.Read<AgentRegistered>().Name },
        EventTypes.AgentUpdated => this with { Name = e.Read<AgentUpdated>().Name ?? Name },
        EventTypes.AgentStatusChanged => this with { Status = e.Read<AgentStatusChanged>().Status },
        _ => this,
    };
}
