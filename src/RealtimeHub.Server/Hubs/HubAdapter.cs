using MediatR;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.SignalR;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Delivery;
using RealtimeHub.Core.Pipeline;
using RealtimeHub.Server.Identity;

namespace RealtimeHub.Server.Hubs;

/// <summary>The thin adapter between the hubs and the pipeline.</summary>
internal sealed class HubAdapter(ISender sender, CallerFactory callers, ConnectionExpiry expiry, IDeliveryConnections connections, Draining draining)
{
    /// <summary>Carries out a request; one that did not bind is answered as the binder says.</summary>
    /// <remarks>Not cancelled with the connection: what was begun is finished, so that a caller who comes back finds out by its key.</remarks>
    public Task<Reply<TValue>> SendAsync<TRequest, TValue>(HubCallerContext connection, Surface surface, Body<TRequest> body)
        where TRequest : class =>
        body.Error is { } error
            ? Task.FromResult(Reply<TValue>.Fail(error))
            : sender.Send(
                new Call<TRequest, TValue>(callers.Create(connection.User!, surface, connection.ConnectionId), body.Value!), CancellationToken.None);

    /// <summary>Has the connection told shortly before its token ends, and when the server stops. Dispose of them when it is gone.</summary>
    public IReadOnlyList<IDisposable> Watch(HubCallerContext connection, Surface surface) =>
    [
        expiry.Watch(callers.Create(connection.User!, surface).ExpiresAt, new ClosingSender(connections, connection.ConnectionId)),
        draining.Connected(connection.Features.GetRequiredFeature<IConnectionWriter>()),
    ];

    private sealed class ClosingSender(IDeliveryConnections connections, string connectionId) : IClosingSender
    {
        public ValueTask SendClosingAsync(ClosingMessage message) => connections.SayClosingAsync(connectionId, message);
    }
}
