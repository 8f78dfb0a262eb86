using MediatR;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.SignalR;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Delivery;
using RealtimeHub.Core.Features.Sessions;
using RealtimeHub.Core.Pipeline;
using RealtimeHub.Server.Identity;

namespace RealtimeHub.Server.Hubs;

/// <summary>The thin adapter between the hubs and the pipeline.</summary>
internal sealed class HubAdapter(
    ISender sender, ConnectionExpiry expiry, SessionRevocations revocations, IDeliveryConnections connections, Draining draining,
    TimeProvider time)
{
    // A client that comes back by itself would come with the same token.
    private static readonly ClosingMessage Revoked = new(ClosingCode.Revoked, "The session was revoked.", Reconnect: false, AfterMs: 0);

    private static readonly Error Unauthenticated = new(ErrorCode.Unauthenticated, "The session was revoked.");

    // Between the end of a method and its reply lie steps of SignalR that tell nobody when they are done.
    private static readonly TimeSpan ReplyTime = TimeSpan.FromMilliseconds(100);

    /// <summary>Carries out a request; one that did not bind is answered as the binder says.</summary>
    /// <remarks>Not cancelled with the connection: what was begun is finished, so that a caller who comes back finds out by its key.</remarks>
    public Task<Reply<TValue>> SendAsync<TRequest, TValue>(HubCallerContext connection, Surface surface, Body<TRequest> body)
        where TRequest : class =>
        WhileServing(() => ContinueAsync<TRequest, TValue>(connection, surface, body));

    /// <summary>Carries out a part of what was begun with <see cref="WhileServing"/>.</summary>
    public Task<Reply<TValue>> ContinueAsync<TRequest, TValue>(HubCallerContext connection, Surface surface, Body<TRequest> body)
        where TRequest : class
    {
        if (connection.Features.Get<WatchedConnection>() is { IsRevoked: true })
        {
            return Task.FromResult(Reply<TValue>.Fail(Unauthenticated));
        }

        var caller = CallerFactory.Create(connection.User!, surface, connection.ConnectionId);
        var call = body.Error is { } error ? Call<TRequest, TValue>.Unbound(caller, error) : new Call<TRequest, TValue>(caller, body.Value!);
        return sender.Send(call, CancellationToken.None);
    }

    /// <summary>Does it unless the server is about to stop; a stop waits for what was begun.</summary>
    public async Task<Reply<TValue>> WhileServing<TValue>(Func<Task<Reply<TValue>>> work)
    {
        using var running = draining.TryBegin();
        return running is null ? Reply<TValue>.Fail(Draining.Refusal) : await work();
    }

    /// <summary>Has the connection told when the server stops, shortly before its token ends, and when that is revoked. Dispose of it when the connection is gone.</summary>
    public WatchedConnection Watch(HubCallerContext connection, Surface surface)
    {
        var features = connection.Features;
        var writer = features.GetRequiredFeature<IConnectionWriter>();
        var caller = CallerFactory.Create(connection.User!, surface);
        draining.Connected(writer, features.GetRequiredFeature<IConnectionLifetimeFeature>().ConnectionClosed);
        var watched = new WatchedConnection(expiry.Watch(caller.ExpiresAt, new ClosingSender(connections, connection.ConnectionId)));
        watched.Session = revocations.Watch(caller, () => _ = EndRevokedAsync(watched, writer));
        return watched;
    }

    // Nothing more is sent or carried out. The end waits a moment: somebody who revoked their own session is to hear the answer.
    private async Task EndRevokedAsync(WatchedConnection watched, IConnectionWriter writer)
    {
        watched.IsRevoked = true;
        _ = connections.SayClosingAsync(writer.ConnectionId, Revoked).AsTask();
        connections.Disconnected(writer.ConnectionId);
        await Task.Delay(ReplyTime, time, CancellationToken.None);
        writer.End(allowReconnect: false);
    }

    /// <summary>Says why and ends the connection for good, before any method of it is carried out.</summary>
    public async Task TurnAwayAsync(HubCallerContext connection, ClosingMessage why)
    {
        await connections.SayClosingAsync(connection.ConnectionId, why);
        connection.Features.GetRequiredFeature<IConnectionWriter>().End(allowReconnect: false);
    }

    /// <summary>What lasts as long as a connection.</summary>
    internal sealed class WatchedConnection(IDisposable expiry) : IDisposable
    {
        private volatile bool isRevoked;

        /// <summary>Whether its token counts no more.</summary>
        public bool IsRevoked
        {
            get => isRevoked;
            set => isRevoked = value;
        }

        public IDisposable? Session { get; set; }

        public void Dispose()
        {
            expiry.Dispose();
            Session?.Dispose();
        }
    }

    private sealed class ClosingSender(IDeliveryConnections connections, string connectionId) : IClosingSender
    {
        public ValueTask SendClosingAsync(ClosingMessage message) => connections.SayClosingAsync(connectionId, message);
    }
}
