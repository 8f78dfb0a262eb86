using System.Text.Json;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Features.Sessions;
using RealtimeHub.Core.Folds;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Features.Inbox;

/// <summary>A user: what waits for them. Nobody else may look.</summary>
public sealed record UserState : ITopicState, IHasSessions
{
    /// <summary>The user's id.</summary>
    public required string Id { get; init; }

    /// <inheritdoc/>
    public DateTimeOffset? SessionsRevokedBefore { get; init; }

    /// <inheritdoc/>
    public long? OldestOpen => null;

    /// <inheritdoc/>
    public IEnumerable<Subject> Readers => [Subject.User(Id)];

    /// <inheritdoc/>
    public ITopicState Apply(StoredEvent e) =>
        e.Type == EventTypes.SessionsRevoked && e.Origin is null ? this with { SessionsRevokedBefore = e.Read<SessionsRevoked>().Before } : this;

    /// <inheritdoc/>
    public Permission? PermissionOf(Caller caller) => caller.Subject == Subject.User(Id) ? Permission.Own : null;

    /// <inheritdoc/>
    public void WriteScalars(Utf8JsonWriter writer) => writer.WriteString("id"u8, Id);

    /// <inheritdoc/>
    public void WriteMembers(Utf8JsonWriter writer, SnapshotBudget budget)
    {
        WriteScalars(writer);
        writer.WriteStartArray("inbox"u8);
        writer.WriteEndArray();
    }
}
