using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Features.Presence;
using RealtimeHub.Redis.Presence;
using RealtimeHub.Specification;

namespace RealtimeHub.Redis.Tests.Store;

/// <summary>A node's store with a connection of its own.</summary>
internal sealed class StoreNode : IAsyncDisposable
{
    private readonly RedisLink link;
    private readonly ConcurrentQueue<string> warnings = new();

    private StoreNode(RedisBackplaneOptions options, PresenceOptions presence)
    {
        link = new RedisLink(options, TimeProvider.System, new Listener(warnings));
        Store = new RedisPresenceStore(link, options, presence, TimeProvider.System);
    }

    public RedisPresenceStore Store { get; }

    public bool IsUp => link.IsUp;

    public int Generation => link.Generation;

    public PartStatus Status => link.Status;

    /// <summary>What it has complained of.</summary>
    public IReadOnlyList<string> Warnings => [.. warnings];

    /// <summary>A node whether Redis is there or not.</summary>
    public static async Task<StoreNode> StartAsync(RedisBackplaneOptions options, PresenceOptions presence)
    {
        var node = new StoreNode(options, presence);
        await node.link.StartAsync(TestContext.Current.CancellationToken);
        return node;
    }

    /// <summary>Waits until Redis answers, or does not, as far as the node knows.</summary>
    public async Task UntilAsync(bool isUp)
    {
        var changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        link.Changed += OnChanged;
        OnChanged(this, EventArgs.Empty);
        await Deadline.Within(changed.Task);
        link.Changed -= OnChanged;

        void OnChanged(object? sender, EventArgs e)
        {
            if (link.IsUp == isUp)
            {
                changed.TrySetResult();
            }
        }
    }

    /// <summary>Looks until something has lapsed that is asked for.</summary>
    public async Task<PresenceItem> LapsedAsync(Subject subject, PresenceState state)
    {
        using var deadline = new CancellationTokenSource(Deadline.Length, TimeProvider.System);
        while (true)
        {
            foreach (var change in await Store.LapseAsync(deadline.Token))
            {
                if (change.Item.Subject == subject && change.Item.State == state)
                {
                    return change.Item;
                }
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, deadline.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await link.StopAsync(CancellationToken.None);
        link.Dispose();
    }

    private sealed class Listener(ConcurrentQueue<string> warnings) : ILogger<RedisLink>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                warnings.Enqueue(formatter(state, exception));
            }
        }
    }
}
