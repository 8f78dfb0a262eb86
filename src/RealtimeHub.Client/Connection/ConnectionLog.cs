using Microsoft.Extensions.Logging;

namespace RealtimeHub.Client.Connection;

/// <summary>A server that is away is nothing alarming: the client comes back by itself.</summary>
internal static partial class ConnectionLog
{
    [LoggerMessage(1, LogLevel.Debug, "Connected to the {Hub} hub")]
    public static partial void Connected(ILogger logger, HubKind hub);

    [LoggerMessage(2, LogLevel.Debug, "Not connected ({Reason}); next attempt in {DelayMs:0} ms")]
    public static partial void Lost(ILogger logger, string reason, double delayMs);

    [LoggerMessage(3, LogLevel.Debug, "Consumer of {Topic} is slow; going on by cursor when it has caught up")]
    public static partial void Paused(ILogger logger, string topic);

    [LoggerMessage(4, LogLevel.Error, "A handler of StateChanged or PresenceChanged failed")]
    public static partial void HandlerFailed(ILogger logger, Exception error);
}
