using RealtimeHub.Contracts;

namespace RealtimeHub.Core.Features.Presence;

/// <summary>Where somebody is present: in a topic, or in a tenant as a whole.</summary>
public readonly record struct PresencePlace(string Tenant, Topic? Topic);

/// <summary>Somebody is there in another way than before.</summary>
public sealed record PresenceChange(PresencePlace Place, PresenceItem Item);

/// <summary>On whose word somebody is there.</summary>
/// <param name="Id">Unique within the node when it is a connection's; without blanks.</param>
/// <param name="Length">How long it lasts; null: until it is ended, or the node is gone.</param>
public sealed record PresenceLease(string Id, TimeSpan? Length = null)
{
    /// <summary>What a subject said over HTTP, which any node may have heard.</summary>
    public const string Http = "http";
}
