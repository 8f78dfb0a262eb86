using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using RealtimeHub.Client.Connection;
using RealtimeHub.Contracts;

namespace RealtimeHub.Client.Subscriptions;

/// <summary>The client's subscriptions: asks for them on every new session, and hands each push to the one it concerns.</summary>
internal sealed class SubscriptionTable : ISessionSink, IAsyncDisposable
{
    private static readonly TimeSpan LeaveTimeout = TimeSpan.FromSeconds(10);

    private readonly RealtimeHubClientOptions options;
    private readonly ConnectionKeeper connection;
    private readonly SubscriptionRequests requests;
    private readonly ILogger log;
    private readonly Lock gate = new();
    private readonly Dictionary<string, TopicSubscription> byTopic = [];

    public SubscriptionTable(RealtimeHubClientOptions options)
    {
        this.options = options;
        log = options.LoggerFactory.CreateLogger<RealtimeHubClient>();
        requests = new SubscriptionRequests(options);
        connection = new ConnectionKeeper(options, this);
        connection.OnConnected = session => requests.Ask(session, All());
        connection.OnClosed = closing => All().ForEach(s => s.Finish(SubscriptionEnd.Closed, closing.Reason));
    }

    public ConnectionKeeper Connection => connection;

    public async IAsyncEnumerable<SubscriptionItem> ReadAsync(
        string topic, StartPosition start, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var subscription = Add(topic, start);
        try
        {
            await AskWhenConnectedAsync(subscription, cancellationToken);
            while (true)
            {
                var item = subscription.TryTake(out var wait);
                if (item is not null)
                {
                    yield return item;
                    if (item is SubscriptionEnded)
                    {
                        yield break;
                    }
                }
                else if (subscription.Paused)
                {
                    await AskWhenConnectedAsync(subscription, cancellationToken);
                }
                else
                {
                    await wait.WaitAsync(cancellationToken);
                }
            }
        }
        finally
        {
            subscription.Stop();
            await subscription.Leaving;
            await LeaveAsync(subscription);
            lock (gate)
            {
                byTopic.Remove(topic);
            }
        }
    }

    public void OnSnapshot(HubSession session, SnapshotMessage message) => Find(message.Topic)?.OnSnapshot(session, message);

    public void OnEvents(HubSession session, EventsMessage message)
    {
        if (Find(message.Topic) is { } subscription && !subscription.OnEvents(session, message))
        {
            ConnectionLog.Paused(log, message.Topic);
            subscription.Leaving = LeaveAsync(subscription);
        }
    }

    /// <summary>Called with each change of presence.</summary>
    public Action<PresenceChangedMessage>? OnPresenceChanged { get; set; }

    public void OnPresence(PresenceChangedMessage message)
    {
        try
        {
            OnPresenceChanged?.Invoke(message);
        }
        catch (Exception error)
        {
            ConnectionLog.HandlerFailed(log, error); // somebody else's mistake must not end the connection
        }
    }

    public void OnChanged(HubSession session, SubscriptionChangedMessage message) => Find(message.Topic)?.OnChanged(session, message);

    public async ValueTask DisposeAsync()
    {
        await connection.DisposeAsync();
        All().ForEach(subscription => subscription.Fail(new ObjectDisposedException(nameof(RealtimeHubClient))));
    }

    private TopicSubscription Add(string topic, StartPosition start)
    {
        var subscription = new TopicSubscription(topic, start, options.MaxBufferedEvents);
        lock (gate)
        {
            return byTopic.TryAdd(topic, subscription)
                ? subscription
                : throw new InvalidOperationException(
                    $"'{topic}' is already being read by this client. Share that sequence, or read it with another client.");
        }
    }

    private TopicSubscription? Find(string topic)
    {
        lock (gate)
        {
            return byTopic.GetValueOrDefault(topic);
        }
    }

    private List<TopicSubscription> All()
    {
        lock (gate)
        {
            return [.. byTopic.Values];
        }
    }

    /// <summary>Asks for a topic as soon as there is a connection.</summary>
    private async Task AskWhenConnectedAsync(TopicSubscription subscription, CancellationToken cancellationToken)
    {
        await subscription.Leaving.WaitAsync(cancellationToken);
        try
        {
            requests.Ask(await connection.SessionAsync(cancellationToken), [subscription]);
        }
        catch (ConnectionClosedException closed)
        {
            subscription.Finish(SubscriptionEnd.Closed, closed.Closing.Reason);
        }
    }

    /// <summary>Unsubscribes; when this returns nothing more arrives for the topic, or the next request waits for a fence.</summary>
    private async Task LeaveAsync(TopicSubscription subscription)
    {
        var asking = subscription.Asking;

        // Leaves the receive loop, which the reply needs.
        await Task.Yield();
        await asking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (connection.Current is not { } session || !subscription.IsOn(session))
        {
            return; // a session that is gone has no subscriptions
        }

        using var timeout = new CancellationTokenSource(LeaveTimeout, options.TimeProvider);
        try
        {
            var request = new Unsubscribe { Topics = [subscription.Topic] };
            var reply = await session.InvokeAsync<Empty>(nameof(IEventsHub.Unsubscribe), request, timeout.Token);
            if (!reply.Ok)
            {
                requests.Unsettle(session, subscription.Topic);
            }
        }
        catch (SessionLostException)
        {
        }
        catch (Exception error)
        {
            session.End(error); // whether it was carried out is not known, and a new session knows
        }

        subscription.Leave(session);
    }
}
