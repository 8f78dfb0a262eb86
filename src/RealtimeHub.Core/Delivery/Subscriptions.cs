using RealtimeHub.Contracts;
using RealtimeHub.Core.Folds;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Delivery;

/// <summary>Takes subscriptions to the feeds of their topics.</summary>
internal sealed class Subscriptions(Connections connections, Feeds feeds, Tail tail, ITopicFolds folds, CursorCheck cursors) : ISubscriptions
{
    public async ValueTask<IReadOnlyList<SubscriptionOutcome>> SubscribeAsync(
        Caller caller, IReadOnlyList<SubscriptionRequest> requests, CancellationToken cancellationToken)
    {
        await tail.StartedAsync(cancellationToken);
        var outcomes = new List<SubscriptionOutcome>(requests.Count);
        foreach (var request in requests)
        {
            outcomes.Add(connections.Find(caller.ConnectionId) is { } connection
                ? await SubscribeAsync(connection, caller, request, cancellationToken)
                : new SubscriptionOutcome(request.Topic, SubscribeStatus.Limit, request.Ref)); // it is gone: nobody reads this
        }

        return outcomes;
    }

    public async ValueTask UnsubscribeAsync(Caller caller, IReadOnlyList<Topic> topics, CancellationToken cancellationToken)
    {
        if (connections.Find(caller.ConnectionId) is not { } connection)
        {
            return;
        }

        foreach (var topic in topics)
        {
            if (feeds.Find(new TopicKey(caller.Tenant, topic)) is { } feed)
            {
                var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                feed.Post(new FeedMessage.Leaving(connection, done));
                await done.Task.WaitAsync(cancellationToken);
            }
        }
    }

    private async ValueTask<SubscriptionOutcome> SubscribeAsync(
        DeliveryConnection connection, Caller caller, SubscriptionRequest request, CancellationToken cancellationToken)
    {
        var key = new TopicKey(caller.Tenant, Topic.Parse(request.Topic));
        var cursor = request.From == SubscribeFrom.Cursor ? Cursor.Parse(request.Cursor!) : default;
        CursorFit? fit = null;
        var outcome = await AskAsync(admittedAt: 0);
        if (outcome.Status == SubscribeStatus.NotFound)
        {
            // Whoever was told that it was let in is let in, also where the tail has not got that far.
            var fold = await folds.GetAsync(key, cancellationToken);
            outcome = TopicReadPolicy.Refusal(caller, fold) is null ? await AskAsync(fold.Sequence) : outcome;
        }

        return outcome;

        async ValueTask<SubscriptionOutcome> AskAsync(long admittedAt)
        {
            while (true)
            {
                var answer = new TaskCompletionSource<SubscribeAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
                feeds.GetOrStart(key).Post(
                    new FeedMessage.Subscribing(new SubscribeOrder(connection, caller, request, cursor, fit, admittedAt, answer)));
                var (outcome, why) = await answer.Task.WaitAsync(cancellationToken);
                if (outcome is not null)
                {
                    return outcome;
                }

                if (why == AskAgain.CursorNeedsTheLog)
                {
                    fit = await cursors.CheckAsync(key, cursor, cancellationToken);
                }
            }
        }
    }
}
