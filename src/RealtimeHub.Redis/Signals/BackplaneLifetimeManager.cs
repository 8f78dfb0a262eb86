using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace RealtimeHub.Redis.Signals;

/// <summary>A hub's connections and groups on this node, joined to SignalR's Redis backplane whenever that is there.</summary>
/// <remarks>
/// <para>
/// SignalR's own manager fails connections while Redis is away, loses groups whose subscription failed, and never makes up for what it could not
/// subscribe to at first. So connections and groups are kept by the manager of a single node, which nobody waits for, and the backplane's is told
/// of them in the background (<see cref="BackplaneMembership{THub}"/>): anew each time that Redis answers again.
/// </para>
/// <para>
/// What is sent goes over the backplane when this node has joined it, which reaches this node, too; else to this node alone. At most once: what is
/// sent while Redis goes away may be lost, or, to this node, arrive twice.
/// </para>
/// </remarks>
public sealed class BackplaneLifetimeManager<THub> : HubLifetimeManager<THub>, IAsyncDisposable
    where THub : Hub
{
    private readonly DefaultHubLifetimeManager<THub> local;
    private readonly BackplaneMembership<THub> membership;

    internal BackplaneLifetimeManager(DefaultHubLifetimeManager<THub> local, BackplaneMembership<THub> membership) =>
        (this.local, this.membership) = (local, membership);

    /// <inheritdoc/>
    public override async Task OnConnectedAsync(HubConnectionContext connection)
    {
        await local.OnConnectedAsync(connection);
        membership.Add(connection);
    }

    /// <inheritdoc/>
    public override Task OnDisconnectedAsync(HubConnectionContext connection)
    {
        membership.Remove(connection);
        return local.OnDisconnectedAsync(connection);
    }

    /// <remarks>Of this node's connections alone; one that is gone joins nothing.</remarks>
    /// <inheritdoc/>
    public override async Task AddToGroupAsync(string connectionId, string groupName, CancellationToken cancellationToken = default)
    {
        await local.AddToGroupAsync(connectionId, groupName, cancellationToken);
        membership.Join(connectionId, groupName);
    }

    /// <remarks>Of this node's connections alone.</remarks>
    /// <inheritdoc/>
    public override async Task RemoveFromGroupAsync(string connectionId, string groupName, CancellationToken cancellationToken = default)
    {
        await local.RemoveFromGroupAsync(connectionId, groupName, cancellationToken);
        membership.Leave(connectionId, groupName);
    }

    /// <inheritdoc/>
    public override Task SendAllAsync(string methodName, object?[] args, CancellationToken cancellationToken = default) =>
        SendAsync(m => m.SendAllAsync(methodName, args, cancellationToken));

    /// <inheritdoc/>
    public override Task SendAllExceptAsync(
        string methodName, object?[] args, IReadOnlyList<string> excludedConnectionIds, CancellationToken cancellationToken = default) =>
        SendAsync(m => m.SendAllExceptAsync(methodName, args, excludedConnectionIds, cancellationToken));

    /// <inheritdoc/>
    public override Task SendConnectionAsync(
        string connectionId, string methodName, object?[] args, CancellationToken cancellationToken = default) =>
        SendAsync(m => m.SendConnectionAsync(connectionId, methodName, args, cancellationToken));

    /// <inheritdoc/>
    public override Task SendConnectionsAsync(
        IReadOnlyList<string> connectionIds, string methodName, object?[] args, CancellationToken cancellationToken = default) =>
        SendAsync(m => m.SendConnectionsAsync(connectionIds, methodName, args, cancellationToken));

    /// <inheritdoc/>
    public override Task SendGroupAsync(string groupName, string methodName, object?[] args, CancellationToken cancellationToken = default) =>
        SendAsync(m => m.SendGroupAsync(groupName, methodName, args, cancellationToken));

    /// <inheritdoc/>
    public override Task SendGroupsAsync(
        IReadOnlyList<string> groupNames, string methodName, object?[] args, CancellationToken cancellationToken = default) =>
        SendAsync(m => m.SendGroupsAsync(groupNames, methodName, args, cancellationToken));

    /// <inheritdoc/>
    public override Task SendGroupExceptAsync(
        string groupName, string methodName, object?[] args, IReadOnlyList<string> excludedConnectionIds, CancellationToken cancellationToken = default) =>
        SendAsync(m => m.SendGroupExceptAsync(groupName, methodName, args, excludedConnectionIds, cancellationToken));

    /// <inheritdoc/>
    public override Task SendUserAsync(string userId, string methodName, object?[] args, CancellationToken cancellationToken = default) =>
        SendAsync(m => m.SendUserAsync(userId, methodName, args, cancellationToken));

    /// <inheritdoc/>
    public override Task SendUsersAsync(
        IReadOnlyList<string> userIds, string methodName, object?[] args, CancellationToken cancellationToken = default) =>
        SendAsync(m => m.SendUsersAsync(userIds, methodName, args, cancellationToken));

    /// <remarks>Of this node's connections alone: an answer must not get lost with Redis.</remarks>
    /// <inheritdoc/>
    public override Task<T> InvokeConnectionAsync<T>(
        string connectionId, string methodName, object?[] args, CancellationToken cancellationToken) =>
        local.InvokeConnectionAsync<T>(connectionId, methodName, args, cancellationToken);

    /// <inheritdoc/>
    public override Task SetConnectionResultAsync(string connectionId, CompletionMessage result) =>
        local.SetConnectionResultAsync(connectionId, result);

    /// <inheritdoc/>
    public override bool TryGetReturnType(string invocationId, [NotNullWhen(true)] out Type? type) =>
        local.TryGetReturnType(invocationId, out type);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => membership.DisposeAsync();

    private async Task SendAsync(Func<HubLifetimeManager<THub>, Task> send)
    {
        if (!await membership.TrySendAsync(send))
        {
            await send(local);
        }
    }
}
