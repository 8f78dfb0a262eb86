using Microsoft.Extensions.Logging;

namespace RealtimeHub.Redis;

internal static partial class RedisLog
{
    [LoggerMessage(1, LogLevel.Warning, "Redis does not answer: presence is what this node knows until it does.")]
    public static partial void Away(ILogger logger, Exception exception);

    [LoggerMessage(2, LogLevel.Information, "Redis answers.")]
    public static partial void Back(ILogger logger);

    [LoggerMessage(3, LogLevel.Warning, "{Hub} could not join the backplane; it is tried again when Redis answers.")]
    public static partial void NotJoined(ILogger logger, string hub, Exception exception);

    [LoggerMessage(5, LogLevel.Debug, "{Hub} could not say goodbye to the backplane.")]
    public static partial void NotLeft(ILogger logger, string hub, Exception exception);

    [LoggerMessage(4, LogLevel.Information, "{Hub} has joined the backplane with {Connections} connections.")]
    public static partial void Joined(ILogger logger, string hub, int connections);

    [LoggerMessage(6, LogLevel.Warning, "Redis answers and refuses what it is told: presence is what this node knows until it takes it.")]
    public static partial void Refuses(ILogger logger, Exception exception);

    [LoggerMessage(7, LogLevel.Information, "Redis takes what it is told.")]
    public static partial void Accepts(ILogger logger);
}
