using RealtimeHub.Contracts;

namespace RealtimeHub.Core.Features.Presence;

/// <summary>Who is there, and on whose word.</summary>
/// <remarks>
/// <para>
/// A subject is in a place as its leases there say together: typing before active before away; without a lease it is offline. Only what changes
/// this is a change, and each change is told to one caller alone, whichever node it is on: whoever is told has it announced.
/// </para>
/// <para>
/// <see cref="PresenceItem.Since"/> has whole milliseconds and grows with each change of a subject in a place.
/// </para>
/// <para>
/// Nothing here is durable, and nothing fails: a store that is shared and away knows what this node knows, until it is back.
/// </para>
/// </remarks>
public interface IPresenceStore
{
    /// <summary>A lease says how a subject is there; <see cref="PresenceState.Offline"/> ends it.</summary>
    /// <returns>The change that anybody can see; null: there is none.</returns>
    ValueTask<PresenceChange?> SetAsync(
        PresencePlace place, Subject subject, PresenceLease lease, PresenceState state, CancellationToken cancellationToken);

    /// <summary>A lease ends this much later; nothing happens where there is none. It can be set again before.</summary>
    /// <returns>The change that anybody can see now; null: there is none.</returns>
    ValueTask<PresenceChange?> EndAsync(
        PresencePlace place, Subject subject, PresenceLease lease, TimeSpan after, CancellationToken cancellationToken);

    /// <summary>Everybody who is not offline, in no order.</summary>
    ValueTask<IReadOnlyList<PresenceItem>> ListAsync(PresencePlace place, CancellationToken cancellationToken);

    /// <summary>What changed because of the time, or because a node is gone, and was not told yet. Call it now and then.</summary>
    ValueTask<IReadOnlyList<PresenceChange>> LapseAsync(CancellationToken cancellationToken);
}
