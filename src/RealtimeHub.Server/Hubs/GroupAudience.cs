using Microsoft.AspNetCore.SignalR;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Features.Presence;

namespace RealtimeHub.Server.Hubs;

/// <summary>Those who hear of presence are groups of the operators' hub.</summary>
internal sealed class GroupAudience(IHubContext<OperatorHub, IOperatorClient> hub) : IPresenceAudience
{
    public Task JoinAsync(string connectionId, PresencePlace place) =>
        hub.Groups.AddToGroupAsync(connectionId, GroupNames.Presence(place), CancellationToken.None);

    public Task LeaveAsync(string connectionId, PresencePlace place) =>
        hub.Groups.RemoveFromGroupAsync(connectionId, GroupNames.Presence(place), CancellationToken.None);

    public Task TellAsync(PresencePlace place, IReadOnlyList<PresenceItem> changes) =>
        hub.Clients.Group(GroupNames.Presence(place)).PresenceChanged(new PresenceChangedMessage(changes, place.Topic?.ToString()));
}
