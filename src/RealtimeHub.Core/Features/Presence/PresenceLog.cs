using Microsoft.Extensions.Logging;

namespace RealtimeHub.Core.Features.Presence;

internal static partial class PresenceLog
{
    [LoggerMessage(1, LogLevel.Warning, "Presence could not be brought up to date; it is tried again.")]
    public static partial void Failed(ILogger logger, Exception exception);

    [LoggerMessage(2, LogLevel.Debug, "A presence signal was lost.")]
    public static partial void SignalLost(ILogger logger, Exception exception);
}
