using Microsoft.Extensions.Logging;

namespace RealtimeHub.Client.Agents;

internal static partial class AgentLog
{
    [LoggerMessage(20, LogLevel.Debug, "Run {RunId} begins in {Topic}")]
    public static partial void RunBegins(ILogger logger, string runId, string topic);

    [LoggerMessage(21, LogLevel.Debug, "Run {RunId} is over")]
    public static partial void RunOver(ILogger logger, string runId);

    [LoggerMessage(22, LogLevel.Error, "The handler of run {RunId} failed")]
    public static partial void HandlerFailed(ILogger logger, Exception error, string runId);

    [LoggerMessage(23, LogLevel.Warning, "The end of run {RunId} could not be published: {Reason}")]
    public static partial void EndNotPublished(ILogger logger, string runId, string reason);

    [LoggerMessage(24, LogLevel.Debug, "An event of {Topic} could not be read: {Type}")]
    public static partial void Unreadable(ILogger logger, string topic, string type);
}
