using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;
using RealtimeHub.Core.Delivery;

namespace RealtimeHub.Server.Delivery;

/// <summary>Tells the delivery engine of a hub's connections, and leaves everything else to the manager that it decorates.</summary>
/// <remarks>
/// Owns the inner manager, which gets each connection as a <see cref="SignalConnection"/> where <paramref name="signals"/> are sent through it. A connection is the engine's from before the hub's <c>OnConnectedAsync</c> until after its <c>OnDisconnectedAsync</c>.
/// </remarks>
internal sealed class DeliveryLifetimeManager<THub>(
    HubLifetimeManager<THub> inner, IDeliveryConnections connections, IEnumerable<IMessageEncoder> encoders, TimeProvider time,
    ILoggerFactory? signals = null)
    : HubLifetimeManager<THub>, IAsyncDisposable, IDisposable
    where THub : Hub
{
    private readonly Dictionary<string, IMessageEncoder> encoders = encoders.ToDictionary(e => e.Protocol, StringComparer.Ordinal);

    public override async Task OnConnectedAsync(HubConnectionContext connection)
    {
        var passed = connection;
        if (signals is not null)
        {
            connection.Features.Set(new Passed(passed = new SignalConnection(connection, signals)));
        }

        await inner.OnConnectedAsync(passed);
        if (connection.Features.Get<IConnectionTransportFeature>() is { } transport)
        {
            transport.Transport = new WholeFramePipe(transport.Transport);
        }

        var writer = new HubConnectionWriter(connection, typeof(THub).Name, encoders[connection.Protocol.Name], time);
        connection.Features.Set<IConnectionWriter>(writer);
        connections.Connected(writer);
    }

    /// <remarks>SignalR also calls it for a connection whose <see cref="OnConnectedAsync"/> failed, which the engine never heard of.</remarks>
    public override Task OnDisconnectedAsync(HubConnectionContext connection)
    {
        if (connection.Features.Get<IConnectionWriter>() is not null)
        {
            connections.Disconnected(connection.ConnectionId);
        }

        return inner.OnDisconnectedAsync(connection.Features.Get<Passed>()?.Connection ?? connection);
    }

    public override Task AddToGroupAsync(string connectionId, string groupName, CancellationToken cancellationToken = default) =>
        inner.AddToGroupAsync(connectionId, groupName, cancellationToken);

    public override Task RemoveFromGroupAsync(string connectionId, string groupName, CancellationToken cancellationToken = default) =>
        inner.RemoveFromGroupAsync(connectionId, groupName, cancellationToken);

    public override Task SendAllAsync(string methodName, object?[] args, CancellationToken cancellationToken = default) =>
        inner.SendAllAsync(methodName, args, cancellationToken);

    public override Task SendAllExceptAsync(
        string methodName, object?[] args, IReadOnlyList<string> excludedConnectionIds, CancellationToken cancellationToken = default) =>
        inner.SendAllExceptAsync(methodName, args, excludedConnectionIds, cancellationToken);

    public override Task SendConnectionAsync(
        string connectionId, string methodName, object?[] args, CancellationToken cancellationToken = default) =>
        inner.SendConnectionAsync(connectionId, methodName, args, cancellationToken);

    public override Task SendConnectionsAsync(
        IReadOnlyList<string> connectionIds, string methodName, object?[] args, CancellationToken cancellationToken = default) =>
        inner.SendConnectionsAsync(connectionIds, methodName, args, cancellationToken);

    public override Task SendGroupAsync(string groupName, string methodName, object?[] args, CancellationToken cancellationToken = default) =>
        inner.SendGroupAsync(groupName, methodName, args, cancellationToken);

    public override Task SendGroupsAsync(
        IReadOnlyList<string> groupNames, string methodName, object?[] args, CancellationToken cancellationToken = default) =>
        inner.SendGroupsAsync(groupNames, methodName, args, cancellationToken);

    public override Task SendGroupExceptAsync(
        string groupName, string methodName, object?[] args, IReadOnlyList<string> excludedConnectionIds, CancellationToken cancellationToken = default) =>
        inner.SendGroupExceptAsync(groupName, methodName, args, excludedConnectionIds, cancellationToken);

    public override Task SendUserAsync(string userId, string methodName, object?[] args, CancellationToken cancellationToken = default) =>
        inner.SendUserAsync(userId, methodName, args, cancellationToken);

    public override Task SendUsersAsync(
        IReadOnlyList<string> userIds, string methodName, object?[] args, CancellationToken cancellationToken = default) =>
        inner.SendUsersAsync(userIds, methodName, args, cancellationToken);

    public override Task<T> InvokeConnectionAsync<T>(
        string connectionId, string methodName, object?[] args, CancellationToken cancellationToken) =>
        inner.InvokeConnectionAsync<T>(connectionId, methodName, args, cancellationToken);

    public override Task SetConnectionResultAsync(string connectionId, CompletionMessage result) =>
        inner.SetConnectionResultAsync(connectionId, result);

    public override bool TryGetReturnType(string invocationId, [NotNullWhen(true)] out Type? type) =>
        inner.TryGetReturnType(invocationId, out type);

    public async ValueTask DisposeAsync()
    {
        if (inner is IAsyncDisposable disposable)
        {
            await disposable.DisposeAsync();
        }
        else
        {
            Dispose();
        }
    }

    public void Dispose() => (inner as IDisposable)?.Dispose();

    /// <summary>The connection as the inner manager knows it.</summary>
    private sealed record Passed(HubConnectionContext Connection);
}
