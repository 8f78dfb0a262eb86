using Microsoft.AspNetCore.SignalR;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Pipeline;
using RealtimeHub.Server.Identity;

namespace RealtimeHub.Integration.Tests.Identity;

/// <summary>A hub that says who its caller is and announces the token's end.</summary>
internal sealed class ProbeHub(ConnectionExpiry expiry, IHubContext<ProbeHub> hub) : Hub
{
    public string WhoAmI()
    {
        var caller = CallerFactory.Create(Context.User!, Surface.OperatorHub, Context.ConnectionId);
        return $"{caller.Tenant}/{caller.Subject.Id} {string.Join(' ', caller.Scopes.Order(StringComparer.Ordinal))}";
    }

    public override Task OnConnectedAsync()
    {
        var caller = CallerFactory.Create(Context.User!, Surface.OperatorHub, Context.ConnectionId);
        Context.Items[nameof(expiry)] = expiry.Watch(caller.ExpiresAt, new Sender(hub.Clients.Client(Context.ConnectionId)));
        return Task.CompletedTask;
    }

    public override Task OnDisconnectedAsync(Exception? exception)
    {
        (Context.Items[nameof(expiry)] as IDisposable)?.Dispose();
        return Task.CompletedTask;
    }

    private sealed class Sender(ISingleClientProxy client) : IClosingSender
    {
        public async ValueTask SendClosingAsync(ClosingMessage message) =>
            await client.SendAsync("Closing", message.Code.ToString(), message.Reconnect, message.AfterMs, CancellationToken.None);
    }
}

/// <summary>Another hub, on which the first one's tickets are worth nothing.</summary>
internal sealed class OtherHub : Hub;
