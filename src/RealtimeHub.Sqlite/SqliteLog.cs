using Microsoft.Extensions.Logging;

namespace RealtimeHub.Sqlite;

internal static partial class SqliteLog
{
    [LoggerMessage(1, LogLevel.Information, "Opened {Database}: epoch {Epoch:x12}, last sequence {LastSequence}.")]
    public static partial void Opened(ILogger logger, string database, ulong epoch, long lastSequence);

    [LoggerMessage(2, LogLevel.Error, "{Writes} writes failed and left nothing behind: {Reason}")]
    public static partial void WritesFailed(ILogger logger, Exception exception, int writes, string reason);

    [LoggerMessage(3, LogLevel.Information, "Writing works again after {Failures} failed attempts.")]
    public static partial void WritingAgain(ILogger logger, int failures);

    [LoggerMessage(4, LogLevel.Warning, "The event with sequence {Sequence} cannot be read and is skipped.")]
    public static partial void EventSkipped(ILogger logger, long sequence);

    [LoggerMessage(5, LogLevel.Information, "Closed {Database} at sequence {LastSequence}.")]
    public static partial void Closed(ILogger logger, string database, long lastSequence);
}
