using Microsoft.Extensions.Logging;

namespace RealtimeHub.DemoAgent.Hosting;

internal static partial class HostingLog
{
    [LoggerMessage(1, LogLevel.Information, "Docs Guide is ready ({Documents} documents in {Folder}, {Model})")]
    public static partial void Ready(ILogger logger, int documents, string folder, string model);

    [LoggerMessage(2, LogLevel.Debug, "Waiting for {Server}: {Reason}")]
    public static partial void Waiting(ILogger logger, Uri server, string reason);

    [LoggerMessage(3, LogLevel.Warning, "The server does not let Docs Guide work yet: {Reason}")]
    public static partial void Refused(ILogger logger, string reason);
}
