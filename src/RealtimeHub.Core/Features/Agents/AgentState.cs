using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Features.Access;
using RealtimeHub.Core.Features.Runs;
using RealtimeHub.Core.Folds;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Features.Agents;

/// <summary>An agent: how it is registered, whether it takes work, and its runs, both those that live here and copies of those that live elsewhere.</summary>
public sealed record AgentState : ITopicState, IHasRuns, IHasGrants
{
    /// <summary>The most grants that an agent has: each is in every snapshot.</summary>
    public const int MaxGrants = 256;

    /// <summary>The agent's id.</summary>
    public required string Id { get; init; }

    /// <summary>Sequence of the event that registered it; 0: nobody did.</summary>
    public long RegisteredAt { get; init; }

    /// <summary>A name for people.</summary>
    public string Name { get; init; } = "";

    /// <summary>What it is for.</summary>
    public string Description { get; init; } = "";

    /// <summary>What it can do.</summary>
    public ImmutableList<string> Capabilities { get; init; } = [];

    /// <summary>Who may see and operate it.</summary>
    public ImmutableList<AccessGrant> Grants { get; init; } = [];

    /// <summary>Whether it takes work.</summary>
    public AgentStatus Status { get; init; }

    /// <summary>Whether the service said so itself, and not the agent.</summary>
    public bool IsStatusOfService { get; init; }

    /// <inheritdoc/>
    public RunSet Runs { get; init; } = new();

    /// <summary>Whether it is registered.</summary>
    [JsonIgnore]
    public bool IsRegistered => RegisteredAt > 0;

    /// <inheritdoc/>
    [JsonIgnore]
    public long? OldestOpen => Runs.OldestOpen;

    /// <inheritdoc/>
    [JsonIgnore]
    public IEnumerable<Subject> Readers => IsRegistered ? Grants.Select(g => g.Subject).Append(Subject.Agent(Id)) : [];

    /// <inheritdoc/>
    [JsonIgnore]
    IReadOnlyCollection<AccessGrant> IHasGrants.Grants => Grants;

    /// <inheritdoc/>
    Error? IHasGrants.RefusalToGrant(Caller caller) =>
        caller.IsAdmin ? null : Error.Forbidden($"This takes the scope {Scopes.Admin}.");

    /// <inheritdoc/>
    public Item? FindItem(string key) => Runs.Items.GetValueOrDefault(key);

    /// <summary>Whether an update would change nothing.</summary>
    public bool Describes(AgentUpdated update) =>
        update.Name == Name && update.Description == Description
        && Capabilities.SequenceEqual(update.Capabilities ?? [], StringComparer.Ordinal) && Grants.SequenceEqual(update.Grants ?? []);

    /// <inheritdoc/>
    public ITopicState? Apply(StoredEvent e)
    {
        switch (e.Type)
        {
            case EventTypes.AgentRegistered:
                var registered = e.Read<AgentRegistered>();
                return this with
                {
                    RegisteredAt = e.Sequence,
                    Name = registered.Name,
                    Description = registered.Description ?? "",
                    Capabilities = NotNull(registered.Capabilities) ?? [],
                    Grants = NotNull(registered.Grants?.Distinct()) ?? [],
                };
            case EventTypes.AgentUpdated:
                var updated = e.Read<AgentUpdated>();
                return this with
                {
                    Name = updated.Name ?? Name,
                    Description = updated.Description ?? Description,
                    Capabilities = NotNull(updated.Capabilities) ?? Capabilities,
                    Grants = NotNull(updated.Grants?.Distinct()) ?? Grants,
                };
            case EventTypes.AccessGranted when e.Read<AccessChanged>() is var granted:
                return this with { Grants = Grants.Remove(new(granted.Subject, granted.Permission)).Add(new(granted.Subject, granted.Permission)) };
            case EventTypes.AccessRevoked when e.Read<AccessChanged>() is var revoked:
                return this with { Grants = Grants.Remove(new(revoked.Subject, revoked.Permission)) };
            case EventTypes.AgentStatusChanged:
                return this with { Status = e.Read<AgentStatusChanged>().Status, IsStatusOfService = e.Actor.Kind == SubjectKind.System };
            default:
                return Runs.Apply(e) is { } runs ? this with { Runs = runs } : null;
        }
    }

    /// <inheritdoc/>
    public Permission? PermissionOf(Caller caller)
    {
        if (!IsRegistered)
        {
            return null;
        }

        Permission? held = caller.Is(Subject.Agent(Id)) ? Permission.Operate : null;
        foreach (var grant in Grants)
        {
            held = caller.Is(grant.Subject) && !(held >= grant.Permission) ? grant.Permission : held;
        }

        return held;
    }

    /// <inheritdoc/>
    public void WriteScalars(Utf8JsonWriter writer)
    {
        writer.WriteString("id"u8, Id);
        writer.WriteString("name"u8, Name);
        writer.WriteString("description"u8, Description);
        writer.WriteString("status"u8, JsonNamingPolicy.SnakeCaseLower.ConvertName(Status.ToString()));
    }

    /// <inheritdoc/>
    public void WriteMembers(Utf8JsonWriter writer, SnapshotBudget budget)
    {
        WriteScalars(writer);
        writer.WriteStartArray("capabilities"u8);
        foreach (var capability in Capabilities.Take(budget.Items))
        {
            writer.WriteStringValue(capability);
        }

        writer.WriteEndArray();
        writer.WriteStartArray("grants"u8);
        foreach (var grant in Grants.Take(budget.Items))
        {
            JsonSerializer.Serialize(writer, grant, ContractsJson.WireType<AccessGrant>());
        }

        writer.WriteEndArray();
        RunWriter.WriteOpenRuns(writer, Runs, budget, home: $"agent:{Id}");
    }

    // What a service publishes on the backbone is not validated like a command.
    private static ImmutableList<T>? NotNull<T>(IEnumerable<T>? items) => items?.OfType<T>().ToImmutableList();
}
