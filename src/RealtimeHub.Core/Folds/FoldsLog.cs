using Microsoft.Extensions.Logging;

namespace RealtimeHub.Core.Folds;

internal static partial class FoldsLog
{
    [LoggerMessage(1, LogLevel.Warning, "The checkpoint of {Topic} was not written.")]
    public static partial void CheckpointFailed(ILogger logger, string topic, Exception exception);

    [LoggerMessage(2, LogLevel.Warning, "A checkpoint could not be read and is made anew.")]
    public static partial void CheckpointUnreadable(ILogger logger, Exception exception);
}
