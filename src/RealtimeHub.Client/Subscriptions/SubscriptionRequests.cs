using System.Globalization;
using System.Runtime.CompilerServices;
using RealtimeHub.Client.Connection;
using RealtimeHub.Contracts;

namespace RealtimeHub.Client.Subscriptions;

/// <summary>Asks a session for topics, many at a time, until each is answered or the session is gone.</summary>
internal sealed class SubscriptionRequests(RealtimeHubClientOptions options)
{
    // A request of this many stays far below the hub's message limit whatever the cursors.
    private const int TopicsPerRequest = 64;

    // The server is there and only asks for patience, so this stays short: whoever leaves meanwhile waits for it.
    private readonly Backoff backoff = new(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(5), options.Jitter);
    private readonly Lock gate = new();
    private readonly ConditionalWeakTable<HubSession, HashSet<string>> unsettled = [];
    private long refs;

    /// <summary>Asks for those that have not asked on this session yet.</summary>
    public void Ask(HubSession session, List<TopicSubscription> subscriptions)
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

    /// <summary>The server may still be sending the topic although nobody wants it: the next request for it waits for a fence.</summary>
    public void Unsettle(HubSession session, string topic)
    {
        lock (gate)
        {
            unsettled.GetOrCreateValue(session).Add(topic);
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

    private string NewRef() => Interlocked.Increment(ref refs).ToString(CultureInfo.InvariantCulture);

    private bool IsUnsettled(HubSession session, string topic)
    {
        lock (gate)
        {
            return unsettled.TryGetValue(session, out var topics) && topics.Contains(topic);
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
