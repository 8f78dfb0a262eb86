using Microsoft.Extensions.Logging;

namespace RealtimeHub.Core.Liveness;

internal static partial class LivenessLog
{
    [LoggerMessage(1, LogLevel.Warning, "Whether {Agent} is there could not be told; it is tried again.")]
    public static partial void Failed(ILogger logger, string agent, Exception exception);

    [LoggerMessage(2, LogLevel.Error, "Looking after {Agent} failed; it is tried again.")]
    public static partial void Broken(ILogger logger, string agent, Exception exception);

    [LoggerMessage(3, LogLevel.Warning, "What the nodes say of their agents could not be followed; it is tried again.")]
    public static partial void NotFollowed(ILogger logger, Exception exception);

    [LoggerMessage(4, LogLevel.Warning, "What a dead node said of its agents could not be removed; it is tried again.")]
    public static partial void NotRemoved(ILogger logger, Exception exception);

    [LoggerMessage(5, LogLevel.Warning, "That this node lives, and which agents it has, could not be said; it is tried again.")]
    public static partial void NotSaid(ILogger logger, Exception exception);
}
