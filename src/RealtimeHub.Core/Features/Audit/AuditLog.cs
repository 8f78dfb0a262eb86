using Microsoft.Extensions.Logging;

namespace RealtimeHub.Core.Features.Audit;

internal static partial class AuditLog
{
    [LoggerMessage(1, LogLevel.Warning, "{Count} audit records of {Tenant} came too fast and were not kept.")]
    public static partial void Dropped(ILogger logger, long count, string tenant);

    [LoggerMessage(2, LogLevel.Warning, "Audit records could not be written; it is tried again.")]
    public static partial void NotWritten(ILogger logger, Exception exception);

    [LoggerMessage(3, LogLevel.Warning, "Old audit records could not be removed; it is tried again.")]
    public static partial void NotRemoved(ILogger logger, Exception exception);
}
