using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Folds;

/// <summary>The folds of a node's topics.</summary>
public interface ITopicFolds
{
    /// <summary>The topic's fold with everything in it that was acknowledged before the call.</summary>
    /// <exception cref="LogUnavailableException">The log did not answer.</exception>
    ValueTask<TopicFold> GetAsync(TopicKey topic, CancellationToken cancellationToken);
}
