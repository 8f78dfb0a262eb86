using Microsoft.Extensions.Logging;

namespace RealtimeHub.Core.Projection;

internal static partial class ProjectionLog
{
    [LoggerMessage(1, LogLevel.Error, "The projector was interrupted after {Position} and begins again from there.")]
    public static partial void Interrupted(ILogger logger, long position, Exception exception);

    [LoggerMessage(2, LogLevel.Warning, "The deadline of run {RunId} in {Topic} could not be enforced; it is tried again.")]
    public static partial void DeadlineFailed(ILogger logger, string runId, string topic, Exception exception);

    [LoggerMessage(3, LogLevel.Warning, "Event {Sequence} in {Topic} is malformed; not everything follows from it that should.")]
    public static partial void Malformed(ILogger logger, long sequence, string topic, Exception exception);

    [LoggerMessage(4, LogLevel.Information, "Removed {Events} old deltas below sequence {Sequence}.")]
    public static partial void Purged(ILogger logger, long events, long sequence);

    [LoggerMessage(5, LogLevel.Warning, "Old deltas could not be removed; it is tried again.")]
    public static partial void PurgeFailed(ILogger logger, Exception exception);

    [LoggerMessage(6, LogLevel.Information, "Removed {Topic} with {Events} events.")]
    public static partial void TopicRemoved(ILogger logger, string topic, long events);

    [LoggerMessage(7, LogLevel.Warning, "Topics that ended could not be removed; it is tried again.")]
    public static partial void RemovalFailed(ILogger logger, Exception exception);

    [LoggerMessage(8, LogLevel.Warning, "Which topics other nodes remove could not be followed; it is tried again.")]
    public static partial void RemovalsNotFollowed(ILogger logger, Exception exception);
}
