using RealtimeHub.Contracts;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Delivery;

/// <summary>The subscriptions of a node's connections.</summary>
public interface ISubscriptions
{
    /// <summary>Subscribes the caller's connection; the outcomes are in the order of the requests, which must be valid.</summary>
    /// <remarks>Each is authorized inside the topic's feed, at the feed's position. A topic that is subscribed already is replaced.</remarks>
    /// <exception cref="LogUnavailableException">The log did not answer; topics before the one that failed may be subscribed.</exception>
    ValueTask<IReadOnlyList<SubscriptionOutcome>> SubscribeAsync(
        Caller caller, IReadOnlyList<SubscriptionRequest> requests, CancellationToken cancellationToken);

    /// <summary>Ends the connection's subscriptions to these topics. When it returns, no event of them is written any more.</summary>
    ValueTask UnsubscribeAsync(Caller caller, IReadOnlyList<Topic> topics, CancellationToken cancellationToken);
}
