using Microsoft.Extensions.Logging;

namespace RealtimeHub.Core.Pipeline;

internal static partial class PipelineLog
{
    // Without the exception: while the log is away there is one of these for each request, and where it was waited for does not matter.
    [LoggerMessage(1, LogLevel.Warning, "{Request} was not answered by the log: {Reason}")]
    public static partial void LogUnavailable(ILogger logger, string request, string reason);

    [LoggerMessage(2, LogLevel.Error, "{Request} failed.")]
    public static partial void Failed(ILogger logger, string request, Exception exception);

    [LoggerMessage(3, LogLevel.Error, "{Request} has no use case on {Surface} and was refused.")]
    public static partial void NotDeclared(ILogger logger, string request, Surface surface);

    [LoggerMessage(4, LogLevel.Information, "{Request} of {Actor} in {Tenant} on {Topic} over {Surface}: {Outcome} ({CorrelationId})")]
    public static partial void Denied(
        ILogger logger, string request, string actor, string tenant, string? topic, Surface surface, string outcome, string? correlationId);
}
