using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.StackExchangeRedis;
using Microsoft.Extensions.Logging;

namespace RealtimeHub.Redis.Signals;

/// <summary>Tells SignalR's Redis backplane of a hub's connections and groups, one step after the other, and all of them anew when Redis is back.</summary>
/// <remarks>Nobody waits for it. A step that fails has Redis count as away, and the next time that it answers everything begins anew.</remarks>
internal sealed class BackplaneMembership<THub> : IAsyncDisposable
    where THub : Hub
{
    private readonly RedisLink link;
    private readonly Func<CancellationToken, RedisHubLifetimeManager<THub>> connect;
    private readonly RedisBackplaneOptions options;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly Channel<Step> steps = Channel.CreateUnbounded<Step>(new() { SingleReader = true });
    private readonly ConcurrentDictionary<string, Member> members = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource stopping = new();
    private readonly Task running;
    private CancellationTokenSource? connecting;
    private RedisHubLifetimeManager<THub>? remote; // the loop's alone
    private RedisHubLifetimeManager<THub>? joined; // the same, once everybody is in it
    private int generation; // of the link, in which it was made

    /// <param name="link">Whether Redis answers.</param>
    /// <param name="connect">Makes SignalR's manager, whose connection is given up with the token.</param>
    /// <param name="options">How patient to be.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where to say what happened.</param>
    public BackplaneMembership(
        RedisLink link, Func<CancellationToken, RedisHubLifetimeManager<THub>> connect, RedisBackplaneOptions options, TimeProvider time, ILogger logger)
    {
        (this.link, this.connect, this.options, this.time, this.logger) = (link, connect, options, time, logger);
        link.Changed += OnLinkChanged;
        running = RunAsync();
        OnLinkChanged(this, EventArgs.Empty); // it may be there already
    }

    private delegate Task Step(RedisHubLifetimeManager<THub> remote);

    /// <summary>A connection is open.</summary>
    public void Add(HubConnectionContext connection)
    {
        var member = members[connection.ConnectionId] = new Member(connection);
        Post(manager => JoinAsync(manager, member));
    }

    /// <summary>A connection is gone.</summary>
    public void Remove(HubConnectionContext connection)
    {
        if (members.TryRemove(connection.ConnectionId, out var member))
        {
            Post(manager => member.TryForget(manager) ? manager.OnDisconnectedAsync(connection) : Task.CompletedTask);
        }
    }

    /// <summary>A connection joins a group.</summary>
    /// <remarks>
    /// One that is gone is not taken to Redis: SignalR's manager would ask the other nodes for it and wait for an answer that none of them gives,
    /// which is what an outage looks like.
    /// </remarks>
    public void Join(string connectionId, string group)
    {
        if (members.TryGetValue(connectionId, out var member))
        {
            member.Groups[group] = true;
            Post(manager => ReferenceEquals(member.Knows, manager) ? manager.AddToGroupAsync(connectionId, group, stopping.Token) : Task.CompletedTask);
        }
    }

    /// <summary>A connection leaves a group; one that is gone has left.</summary>
    public void Leave(string connectionId, string group)
    {
        if (members.TryGetValue(connectionId, out var member))
        {
            member.Groups.TryRemove(group, out _);
            Post(manager => ReferenceEquals(member.Knows, manager) ? manager.RemoveFromGroupAsync(connectionId, group, stopping.Token) : Task.CompletedTask);
        }
    }

    /// <summary>Sends over the backplane; false where this node has not joined it, or it did not take it in time.</summary>
    public async Task<bool> TrySendAsync(Func<HubLifetimeManager<THub>, Task> send)
    {
        if (!link.IsUp || Volatile.Read(ref joined) is not { } present)
        {
            return false;
        }

        try
        {
            await send(present).WaitAsync(options.Timeout, time, CancellationToken.None);
            return true;
        }
        catch (Exception e) when (RedisLink.IsOutage(e))
        {
            link.Fail(e);
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        link.Changed -= OnLinkChanged;
        steps.Writer.TryComplete();
        await stopping.CancelAsync();
        await running;
        Drop();
    }

    private void Post(Step step) => steps.Writer.TryWrite(step);

    private void OnLinkChanged(object? sender, EventArgs e) => Post(_ => Task.CompletedTask);

    private async Task RunAsync()
    {
        await foreach (var step in steps.Reader.ReadAllAsync(CancellationToken.None))
        {
            if (stopping.IsCancellationRequested)
            {
                return;
            }

            if (!link.IsUp)
            {
                Volatile.Write(ref joined, null);
                continue; // everybody joins when it is back
            }

            try
            {
                await TakeAsync(step);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                RedisLog.NotJoined(logger, typeof(THub).Name, e);
                if (joined is null || RedisLink.IsOutage(e))
                {
                    Volatile.Write(ref joined, null);
                    link.Fail(e);
                }
            }
        }
    }

    // A beginning takes in what the step says.
    private Task TakeAsync(Step step) => generation == link.Generation && joined is { } present
        ? step(present).WaitAsync(options.Timeout, time, stopping.Token)
        : BeginAnewAsync();

    private async Task BeginAnewAsync()
    {
        Volatile.Write(ref joined, null);
        Drop();
        generation = link.Generation;
        connecting = new CancellationTokenSource();
        var made = remote = connect(connecting.Token);
        var present = members.Values.ToList();
        foreach (var member in present)
        {
            await JoinAsync(made, member).WaitAsync(options.Timeout, time, stopping.Token);
        }

        Volatile.Write(ref joined, made);
        RedisLog.Joined(logger, typeof(THub).Name, present.Count);
    }

    // A group that is joined or left meanwhile is a step of its own, later.
    private async Task JoinAsync(RedisHubLifetimeManager<THub> manager, Member member)
    {
        if (ReferenceEquals(member.Knows, manager))
        {
            return;
        }

        await manager.OnConnectedAsync(member.Connection);
        member.Knows = manager;
        foreach (var group in member.Groups.Keys)
        {
            await manager.AddToGroupAsync(member.Connection.ConnectionId, group, stopping.Token);
        }
    }

    private void Drop()
    {
        connecting?.Cancel();
        connecting?.Dispose();
        connecting = null;
        var left = remote;
        remote = null;
        try
        {
            left?.Dispose();
        }
        catch (Exception e) when (RedisLink.IsOutage(e))
        {
            RedisLog.NotLeft(logger, typeof(THub).Name, e); // its connection is gone, and what it subscribed to with it
        }
    }

    private sealed class Member(HubConnectionContext connection)
    {
        public HubConnectionContext Connection => connection;

        public ConcurrentDictionary<string, bool> Groups { get; } = new(StringComparer.Ordinal);

        /// <summary>The manager that knows of it.</summary>
        public object? Knows { get; set; }

        /// <summary>Whether the manager knew of it, which it does not any more.</summary>
        public bool TryForget(object manager)
        {
            var knew = ReferenceEquals(Knows, manager);
            Knows = null;
            return knew;
        }
    }
}
