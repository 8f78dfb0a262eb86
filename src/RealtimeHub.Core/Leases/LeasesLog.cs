using Microsoft.Extensions.Logging;

namespace RealtimeHub.Core.Leases;

internal static partial class LeasesLog
{
    [LoggerMessage(1, LogLevel.Information, "This node holds {Lease}: it projects, ends runs in time, watches over agents and removes what is old.")]
    public static partial void Held(ILogger logger, string lease);

    [LoggerMessage(2, LogLevel.Warning, "This node has lost {Lease}, because the store did not answer in time or another node took it.")]
    public static partial void Lost(ILogger logger, string lease);

    [LoggerMessage(3, LogLevel.Error, "What one node does for all was interrupted, and begins again.")]
    public static partial void Interrupted(ILogger logger, Exception exception);
}
