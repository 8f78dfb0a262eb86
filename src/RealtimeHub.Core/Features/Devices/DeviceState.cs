using System.Text.Json;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Features.Sessions;
using RealtimeHub.Core.Folds;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Features.Devices;

/// <summary>A device. Only its sessions are known so far; those who manage devices are the tenant's admins until devices can be paired.</summary>
public sealed record DeviceState : ITopicState, IHasSessions
{
    /// <summary>The device's id.</summary>
    public required string Id { get; init; }

    /// <inheritdoc/>
    public DateTimeOffset? SessionsRevokedBefore { get; init; }

    /// <inheritdoc/>
    public long? OldestOpen => null;

    /// <inheritdoc/>
    public IEnumerable<Subject> Readers => [];

    /// <inheritdoc/>
    public ITopicState Apply(StoredEvent e) =>
        e.Type == EventTypes.SessionsRevoked ? this with { SessionsRevokedBefore = e.Read<SessionsRevoked>().Before } : this;

    /// <inheritdoc/>
    public Permission? PermissionOf(Caller caller) => null;

    /// <inheritdoc/>
    public void WriteScalars(Utf8JsonWriter writer) => writer.WriteString("id"u8, Id);

    /// <inheritdoc/>
    public void WriteMembers(Utf8JsonWriter writer, SnapshotBudget budget) => WriteScalars(writer);
}
