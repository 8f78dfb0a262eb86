namespace RealtimeHub.Core.Features.Sessions;

/// <summary>A topic of somebody who has sessions: a user or a device.</summary>
public interface IHasSessions
{
    /// <summary>What was issued before does not count any more; null: nothing was ever revoked.</summary>
    DateTimeOffset? SessionsRevokedBefore { get; }
}
