using RealtimeHub.Contracts;

namespace RealtimeHub.Core.Features.Presence;

/// <summary>Those who hear of presence, wherever they are connected.</summary>
/// <remarks>At most once: what is told while a connection joins, is away or does not read may be lost to it.</remarks>
public interface IPresenceAudience
{
    /// <summary>A connection of this node hears of a place from now on; nothing happens when it is gone.</summary>
    Task JoinAsync(string connectionId, PresencePlace place);

    /// <summary>A connection of this node hears of a place no more.</summary>
    Task LeaveAsync(string connectionId, PresencePlace place);

    /// <summary>Tells everybody who hears of the place, on every node. Completes when slow connections have taken it, too.</summary>
    Task TellAsync(PresencePlace place, IReadOnlyList<PresenceItem> changes);
}

/// <summary>Where no transport is.</summary>
internal sealed class NoAudience : IPresenceAudience
{
    public Task JoinAsync(string connectionId, PresencePlace place) => Task.CompletedTask;

    public Task LeaveAsync(string connectionId, PresencePlace place) => Task.CompletedTask;

    public Task TellAsync(PresencePlace place, IReadOnlyList<PresenceItem> changes) => Task.CompletedTask;
}
