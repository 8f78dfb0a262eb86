using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Folds;

/// <summary>The folds of a node's topics.</summary>
public interface ITopicFolds
{
    /// <summary>The topic's fold with everything in it that was acknowledged before the call.</summary>
    /// <exception cref="LogUnavailableException">The log did not answer.</exception>
    ValueTask<TopicFold> GetAsync(TopicKey topic, CancellationToken cancellationToken);

    /// <summary>
    /// The topic's fold as far as this node has seen the log, without asking it: a whole beginning of the topic, that may lack what was
    /// acknowledged a moment ago. Where that is not at hand, the same as <see cref="GetAsync"/>.
    /// </summary>
    /// <remarks>
    /// Good for a decision that an append confirms, because the append names the state that it was made on. What is refused on such a fold, or
    /// found done already, has to be looked at again on a current one.
    /// </remarks>
    /// <exception cref="LogUnavailableException">The log did not answer.</exception>
    ValueTask<SeenFold> GetSeenAsync(TopicKey topic, CancellationToken cancellationToken);

    /// <summary>
    /// The topic's fold with an event in it that the caller has from the log: as far as this node has seen the log, if that is far enough,
    /// without asking it; else the same as <see cref="GetAsync"/>.
    /// </summary>
    /// <param name="topic">The topic.</param>
    /// <param name="epoch">The epoch in which the log has the event.</param>
    /// <param name="sequence">The event's.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="LogUnavailableException">The log did not answer.</exception>
    ValueTask<TopicFold> GetWithAsync(TopicKey topic, ulong epoch, long sequence, CancellationToken cancellationToken);

    /// <summary>This node has appended an event itself, so that the next decision need not wait for the tail.</summary>
    /// <param name="topic">Where to.</param>
    /// <param name="e">What.</param>
    /// <param name="sequence">The log's.</param>
    /// <param name="expectedState">The state event that it followed.</param>
    void NoteAppended(TopicKey topic, NewEvent e, long sequence, long expectedState);

    /// <summary>Forgets a topic that was removed from the log: whoever asks next gets what is there now.</summary>
    /// <remarks>
    /// Of this node alone. A fold that somebody holds meanwhile does no harm: its last state event is gone, and nothing is appended on it.
    /// </remarks>
    ValueTask ForgetAsync(TopicKey topic, CancellationToken cancellationToken);
}

/// <summary>A fold, and whether it holds everything that was acknowledged before it was asked for.</summary>
public readonly record struct SeenFold(TopicFold Fold, bool IsCurrent);
