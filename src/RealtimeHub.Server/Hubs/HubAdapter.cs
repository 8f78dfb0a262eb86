using MediatR;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.SignalR;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Delivery;
using RealtimeHub.Core.Pipeline;
using RealtimeHub.Server.Identity;

namespace RealtimeHub.Server.Hubs;

/// <summary>The thin adapter between the hubs and the pipeline.</summary>
internal sealed class HubAdapter(ISender sender, ConnectionExpiry expiry, IDeliveryConnections connections, Draining draining)
{
    /// <summary>Carries out a request; one that did not bind is answered as the binder says.</summary>
    /// <remarks>Not cancelled with the connection: what was begun is finished, so that a caller who comes back finds out by its key.</remarks>
    public Task<Reply<TValue>> SendAsync<TRequest, TValue>(HubCallerContext connection, Surface surface, Body<TRequest> body)
        where TRequest : class =>
        WhileServing(() => ContinueAsync<TRequest, TValue>(connection, surface, body));

    /// <summary>Carries out a part of what was begun with <see cref="WhileServing"/>.</summary>
    public Task<Reply<TValue>> ContinueAsync<TRequest, TValue>(HubCallerContext connection, Surface surface, Body<TRequest> body)
        where TRequest : class =>
        body.Error is { } error
            ? Task.FromResult(Reply<TValue>.Fail(error))
            : sender.Send(
                new Call<TRequest, TValue>(CallerFactory.Create(connection.User!, surface, connection.ConnectionId), body.Value!), CancellationToken.None);

    /// <summary>Does it unless the server is about to stop; a stop waits for what was begun.</summary>
    public async Task<Reply<TValue>> WhileServing<TValue>(Func<Task<Reply<TValue>>> work)
    {
        using var running = draining.TryBegin();
        return running is null ? Reply<TValue>.Fail(Draining.Refusal) : await work();
    }

    /// <summary>Has the connection told when the server stops, and shortly before its token ends. Dispose of it when the connection is gone.</summary>
    public ConnectionExpiry.Watched Watch(HubCallerContext connection, Surface surface)
    {
        var features = connection.Features;
        draining.Connected(
            features.GetRequiredFeature<IConnectionWriter>(), features.GetRequiredFeature<IConnectionLifetimeFeature>().ConnectionClosed);
        return expiry.Watch(CallerFactory.Create(connection.User!, surface).ExpiresAt, new ClosingSender(connections, connection.ConnectionId));
    }

    /// <summary>Says why and ends the connection for good, before any method of it is carried out.</summary>
    public async Task TurnAwayAsync(HubCallerContext connection, ClosingMessage why)
    {
        await connections.SayClosingAsync(connection.ConnectionId, why);
        connection.Features.GetRequiredFeature<IConnectionWriter>().End(allowReconnect: false);
    }

    private sealed class ClosingSender(IDeliveryConnections connections, string connectionId) : IClosingSender
    {
        public ValueTask SendClosingAsync(ClosingMessage message) => connections.SayClosingAsync(connectionId, message);
    }
}
