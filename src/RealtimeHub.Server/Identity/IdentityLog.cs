namespace RealtimeHub.Server.Identity;

/// <summary>What identity writes to the log. Never a token, a ticket or a name out of one.</summary>
internal static partial class IdentityLog
{
    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "The development issuer is on: anyone on this machine can make tokens. It is off as soon as Authentication__Authority is set.")]
    public static partial void DevelopmentIssuerIsOn(ILogger logger);

    [LoggerMessage(EventId = 2, Level = LogLevel.Warning, Message = "The development issuer answers callers on other machines too (Authentication__DevIssuerAnywhere).")]
    public static partial void DevelopmentIssuerAnswersAnywhere(ILogger logger);

    [LoggerMessage(EventId = 3, Level = LogLevel.Debug, Message = "Closing could not be sent to a connection whose token ends.")]
    public static partial void ClosingNotSent(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 4, Level = LogLevel.Warning, Message = "Negotiation refused: {Count} connections are remembered with their tickets already.")]
    public static partial void TooManyTicketConnections(ILogger logger, int count);
}
