using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Delivery;

/// <summary>Those who watch topics on this node.</summary>
public interface ITopicWatchers
{
    /// <summary>A topic was removed from the log, which the tail does not show: its subscriptions end as <c>revoked</c>, with the reason <c>removed</c>.</summary>
    /// <remarks>
    /// Call it when the log and the folds know nothing of the topic any more. It reaches this node alone:
    /// <see cref="Projection.RemovedTopics"/> calls it on each.
    /// </remarks>
    void TopicRemoved(TopicKey topic);
}
