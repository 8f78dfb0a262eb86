using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Options;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Pipeline;
using RealtimeHub.Server.Identity;

namespace RealtimeHub.Server.Admission;

/// <summary>Feature of a connection that has no slot: what to tell it.</summary>
internal sealed record OverLimit(ClosingMessage Closing);

/// <summary>Gives each of a hub's connections a slot, from before its handshake until nothing of it is left, whatever its transport and its end.</summary>
/// <remarks>One without a slot is let in as far as the handshake, because before that nothing can be said to it; the hub turns it away.</remarks>
internal sealed class CountedConnectionHandler<THub>(
    ConnectionSlots slots,
    HubLifetimeManager<THub> lifetimeManager,
    IHubProtocolResolver protocols,
    IOptions<HubOptions> globalOptions,
    IOptions<HubOptions<THub>> options,
    ILoggerFactory loggers,
    IUserIdProvider userIds,
    IServiceScopeFactory scopes)
    : HubConnectionHandler<THub>(lifetimeManager, protocols, globalOptions, options, loggers, userIds, scopes)
    where THub : Hub
{
    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        var caller = CallerFactory.Create(connection.GetHttpContext()!.User, Surface.Http);
        using var slot = slots.TryOpen(SlotHolder.Of(caller), connection.ConnectionId);
        if (slot is null)
        {
            connection.Features.Set(new OverLimit(slots.Closing));
        }

        await base.OnConnectedAsync(connection);
    }
}
