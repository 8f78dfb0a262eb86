namespace RealtimeHub.Benchmarks.Feeding;

/// <summary>Where a feeder publishes.</summary>
internal interface IFeedTarget
{
    /// <summary>Publishes one event.</summary>
    /// <param name="topic">Name of the topic.</param>
    /// <param name="timestamp">The time that the event was planned for.</param>
    /// <returns>Completes when the next may follow, which is the system's own flow control.</returns>
    ValueTask PublishAsync(string topic, long timestamp);

    /// <summary>Completes when everything that was published has been taken.</summary>
    ValueTask FlushAsync();
}
