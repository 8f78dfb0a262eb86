using Microsoft.Extensions.Logging;

namespace RealtimeHub.Core.Delivery;

internal static partial class DeliveryLog
{
    [LoggerMessage(1, LogLevel.Error, "The feed of {Topic} failed; its connections are ended and come back by cursor.")]
    public static partial void FeedFailed(ILogger logger, string topic, Exception exception);

    [LoggerMessage(2, LogLevel.Warning, "A catch-up read of {Topic} failed; it is tried again.")]
    public static partial void ReadFailed(ILogger logger, string topic, Exception exception);

    [LoggerMessage(3, LogLevel.Warning, "The tail was interrupted after {Position} and goes on from there.")]
    public static partial void TailInterrupted(ILogger logger, long position, Exception exception);

    [LoggerMessage(4, LogLevel.Warning, "The log was replaced: epoch {Old:x12} became {New:x12}. Subscriptions begin anew.")]
    public static partial void LogReplaced(ILogger logger, ulong old, ulong @new);

    [LoggerMessage(5, LogLevel.Warning, "Delivery stands still after {Position}: {Reason}")]
    public static partial void TailWaits(ILogger logger, long position, string reason);

    [LoggerMessage(6, LogLevel.Information, "Delivery follows the log again, after {Position}.")]
    public static partial void TailGoesOn(ILogger logger, long position);
}
