using System.Text.Json;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Folds;

/// <summary>A topic of a kind that nothing can be made of yet: nobody may see it but the tenant's admin.</summary>
public sealed record UnknownState : ITopicState
{
    /// <summary>The topic's id.</summary>
    public required string Id { get; init; }

    /// <inheritdoc/>
    public long? OldestOpen => null;

    /// <inheritdoc/>
    public IEnumerable<Subject> Readers => [];

    /// <inheritdoc/>
    public ITopicState Apply(StoredEvent e) => this;

    /// <inheritdoc/>
    public Permission? PermissionOf(Caller caller) => null;

    /// <inheritdoc/>
    public void WriteScalars(Utf8JsonWriter writer) => writer.WriteString("id"u8, Id);

    /// <inheritdoc/>
    public void WriteMembers(Utf8JsonWriter writer, SnapshotBudget budget) => WriteScalars(writer);
}
