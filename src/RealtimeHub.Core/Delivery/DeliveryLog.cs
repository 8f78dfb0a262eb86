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

    [LoggerMessage(4, LogLevel.Warning, "The log was replaced: epoch {Old} became {New}. Subscriptions begin anew.")]
    public static partial void LogReplaced(ILogger logger, ulong old, ulong @new);
}
