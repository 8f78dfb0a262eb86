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
}
