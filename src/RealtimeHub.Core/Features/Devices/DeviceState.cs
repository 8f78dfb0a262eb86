using System.Text.Json;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Features.Sessions;
using RealtimeHub.Core.Folds;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Features.Devices;

/// <summary>A device. Only its sessions are known so far.</summary>
public sealed record DeviceState : ITopicState, IHasSessions
{
    /// <summary>The device's id.</summary>
    public required string Id { get; init; }

    /// <summary>Whether anything is known of it.</summary>
    public bool IsKnown { get; init; }

    /// <inheritdoc/>
    public DateTimeOffset? SessionsRevokedBefore { get; init; }

    /// <inheritdoc/>
    public long? OldestOpen => null;

    /// <inheritdoc/>
    public IEnumerable<Subject> Readers => [];

    /// <inheritdoc/>
    public ITopicState Apply(StoredEvent e) => this with
    {
        IsKnown = true,
        SessionsRevokedBefore = e.Type == EventTypes.SessionsRevoked ? e.Read<SessionsRevoked>().Before : SessionsRevokedBefore,
    };

    /// <inheritdoc/>
    public Permission? PermissionOf(Caller caller) => IsKnown && caller.Has(Scopes.DevicesManage) ? Permission.View : null;

    /// <inheritdoc/>
    public void WriteScalars(Utf8JsonWriter writer) => writer.WriteString("id"u8, Id);

    /// <inheritdoc/>
    public void WriteMembers(Utf8JsonWriter writer, SnapshotBudget budget) => WriteScalars(writer);
}
