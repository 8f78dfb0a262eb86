using Microsoft.Extensions.Logging;

namespace RealtimeHub.Nats;

internal static partial class NatsLog
{
    [LoggerMessage(1, LogLevel.Information, "Opened {Stream}: epoch {Epoch:x12}, last sequence {LastSequence}.")]
    public static partial void Opened(ILogger logger, string stream, ulong epoch, ulong lastSequence);

    [LoggerMessage(2, LogLevel.Warning, "The message with sequence {Sequence} on {Subject} is no event and is skipped: {Reason}")]
    public static partial void EventSkipped(ILogger logger, ulong sequence, string subject, string reason);

    [LoggerMessage(3, LogLevel.Warning, "The consumer of the stream stands at {Position} and does not bring {Waiting}; another one goes on from there.")]
    public static partial void TailStalled(ILogger logger, long position, long waiting);

    [LoggerMessage(4, LogLevel.Warning, "The consumer of the stream went from {Position} to {Sequence} and left out {LeftOut}; another one goes on from there.")]
    public static partial void TailSkipped(ILogger logger, long position, long sequence, long leftOut);

    [LoggerMessage(5, LogLevel.Error, "{Stream} has lost event {Sequence}, which was seen in it: it was rolled back or restored. Its epoch {Epoch:x12} ends, and clients begin anew.")]
    public static partial void RolledBack(ILogger logger, string stream, long sequence, ulong epoch);

    [LoggerMessage(6, LogLevel.Warning, "What deleted documents left could not be removed; it is tried again.")]
    public static partial void MarkersNotRemoved(ILogger logger, Exception exception);

    [LoggerMessage(7, LogLevel.Warning, "NATS is away: the connection was lost. Commands are unavailable, and everything goes on by itself when it is back.")]
    public static partial void Away(ILogger logger);

    [LoggerMessage(8, LogLevel.Information, "NATS is back.")]
    public static partial void Back(ILogger logger);
}
