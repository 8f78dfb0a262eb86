using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using RealtimeHub.Client.Connection;
using RealtimeHub.Contracts;

namespace RealtimeHub.Client.Subscriptions;

/// <summary>The client's subscriptions: asks for them on every new session, and hands each push to the one it concerns.</summary>
internal sealed class SubscriptionTable : ISessionSink, IAsyncDisposable
{
    // A request of this many stays far below the hub's message limit whatever the cursors.
    private const int TopicsPerRequest = 64;

    private static readonly TimeSpan LeaveTimeout = TimeSpan.FromSeconds(10);

    private readonly RealtimeHubClientOptions options;
    private readonly ConnectionKeeper connection;
    private readonly Backoff backoff;
    private readonly ILogger log;
    private readonly Lock gate = new();
    private readonly Dictionary<string, TopicSubscription> byTopic = [];

    // Topics that the server may still be sending on a session although nobody wants them: its answer was no "ok".
    private readonly ConditionalWeakTable<HubSession, HashSet<string>> unsettled = [];
    private long refs;

    public SubscriptionTable(RealtimeHubClientOptions options)
    {
        this.options = options;
        log = options.LoggerFactory.CreateLogger<RealtimeHubClient>();
        backoff = new Backoff(options.ReconnectBaseDelay, options.ReconnectMaxDelay, options.Jitter);
        connection = new ConnectionKeeper(options, this);
        connection.OnConnected = session => Ask(session, All());
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

    private string NewRef() => Interlocked.Increment(ref refs).ToString(CultureInfo.InvariantCulture);

    private void Ask(HubSession session, List<TopicSubscription> subscriptions)
    {
        foreach (var chunk in subscriptions.Chunk(TopicsPerRequest))
        {
            var asked = chunk
                .Select(s => (Subscription: s, Request: s.Begin(session, NewRef(), IsUnsettled(session, s.Topic))))
                .Where(pair => pair.Request is not null)
                .ToDictionary(pair => pair.Request!.Ref!, pair => (pair.Subscription, pair.Request!));
            if (asked.Count > 0)
            {
                var asking = AskAsync(session, asked);
                foreach (var (subscription, _) in asked.Values)
                {
                    subscription.Asking = asking;
                }
            }
        }
    }

    private async Task AskAsync(HubSession session, Dictionary<string, (TopicSubscription Subscription, SubscriptionRequest Request)> asked)
    {
        for (var attempt = 0; asked.Count > 0; attempt++)
        {
            try
            {
                var request = new Subscribe { Subscriptions = [.. asked.Values.Select(pair => pair.Request)] };
                var reply = await session.InvokeAsync<SubscribeResult>(nameof(IEventsHub.Subscribe), request, CancellationToken.None);
                if (reply is { Ok: true, Value: { } result })
                {
                    foreach (var outcome in result.Subscriptions)
                    {
                        Settle(session, outcome.Topic);
                        asked.Values.FirstOrDefault(pair => pair.Request.Topic == outcome.Topic).Subscription?.OnOutcome(session, outcome);
                    }

                    return;
                }

                var error = reply.Error ?? new Error(ErrorCode.Internal, "The server gave no reason.");
                if (error.Code == ErrorCode.InvalidRequest && asked.Count > 1)
                {
                    // One malformed cursor must not take the other topics with it.
                    await Task.WhenAll(asked.Select(pair => AskAsync(session, new([pair]))));
                    return;
                }

                if (error.Code is not (ErrorCode.Unavailable or ErrorCode.RateLimited or ErrorCode.Internal or ErrorCode.Unauthenticated))
                {
                    Fail(asked.Values, new RealtimeHubException(error));
                    return;
                }

                var pause = TimeSpan.FromMilliseconds(error.RetryAfterMs ?? 0) + backoff.Delay(attempt);
                await Task.WhenAny(Task.Delay(pause, options.TimeProvider), session.Closed);
                asked = asked.Values
                    .Select(pair => (pair.Subscription, Request: pair.Subscription.Again(session, NewRef())))
                    .Where(pair => pair.Request is not null)
                    .ToDictionary(pair => pair.Request!.Ref!, pair => (pair.Subscription, pair.Request!));
            }
            catch (SessionLostException)
            {
                return; // the next session asks again
            }
            catch (Exception error)
            {
                Fail(asked.Values, error);
                return;
            }
        }
    }

    private static void Fail(IEnumerable<(TopicSubscription Subscription, SubscriptionRequest Request)> asked, Exception reason)
    {
        foreach (var (subscription, _) in asked)
        {
            subscription.Fail(reason);
        }
    }

    /// <summary>Asks for a topic as soon as there is a connection.</summary>
    private async Task AskWhenConnectedAsync(TopicSubscription subscription, CancellationToken cancellationToken)
    {
        await subscription.Leaving.WaitAsync(cancellationToken);
        try
        {
            Ask(await connection.SessionAsync(cancellationToken), [subscription]);
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
                Unsettle(session, subscription.Topic);
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

    private bool IsUnsettled(HubSession session, string topic)
    {
        lock (gate)
        {
            return unsettled.TryGetValue(session, out var topics) && topics.Contains(topic);
        }
    }

    private void Unsettle(HubSession session, string topic)
    {
        lock (gate)
        {
            unsettled.GetOrCreateValue(session).Add(topic);
        }
    }

    private void Settle(HubSession session, string topic)
    {
        lock (gate)
        {
            if (unsettled.TryGetValue(session, out var topics))
            {
                topics.Remove(topic);
            }
        }
    }
}
