using RealtimeHub.Core.Log;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Delivery;

/// <summary>Hears of subscriptions as they begin and end. For what follows a subscription and is no event.</summary>
/// <remarks>
/// Called inside the topic's feed, so in the topic's order and with the permission at the feed's position: an observer returns at once and never
/// throws. An end may be told twice, and a beginning again when a subscription was replaced.
/// </remarks>
public interface ISubscriptionObserver
{
    /// <summary>The caller's connection watches the topic, and may.</summary>
    void Began(TopicKey topic, Caller caller);

    /// <summary>The caller's connection watches the topic no more, or may not any more: told before the events that it may still have are written.</summary>
    void Ended(TopicKey topic, Caller caller);
}

/// <summary>Where nothing follows.</summary>
internal sealed class NoObserver : ISubscriptionObserver
{
    public void Began(TopicKey topic, Caller caller)
    {
        // nothing
    }

    public void Ended(TopicKey topic, Caller caller)
    {
        // nothing
    }
}
