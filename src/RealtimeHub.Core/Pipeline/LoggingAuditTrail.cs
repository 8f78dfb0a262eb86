using Microsoft.Extensions.Logging;

namespace RealtimeHub.Core.Pipeline;

/// <summary>Keeps the audit records in the log of the process.</summary>
internal sealed class LoggingAuditTrail(ILogger<LoggingAuditTrail> logger) : IAuditTrail
{
    public void Record(AuditRecord record) => PipelineLog.Denied(
        logger, record.Request, $"{record.Actor.Kind}:{record.Actor.Id}", record.Tenant, record.Topic, record.Surface,
        record.Outcome.ToString(), record.CorrelationId);
}
