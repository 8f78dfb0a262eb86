using RealtimeHub.Contracts;

namespace RealtimeHub.Core.Pipeline;

/// <summary>Keeps what was denied or failed.</summary>
public interface IAuditTrail
{
    /// <summary>Takes a record at once; keeping it happens behind the caller's back and never fails the request.</summary>
    void Record(AuditRecord record);
}

/// <summary>Who tried what, on which topic, over which transport, and what came of it. Never message text, never a token.</summary>
public sealed record AuditRecord(
    DateTimeOffset Time,
    string Tenant,
    Subject Actor,
    string Request,
    string? Topic,
    Surface Surface,
    ErrorCode Outcome,
    string? CorrelationId)
{
    /// <summary>A call, or what it asked of one topic, that was not carried out.</summary>
    internal static AuditRecord Of(ICall call, string? topic, ErrorCode outcome, DateTimeOffset time) => new(
        time, call.Caller.Tenant, call.Caller.Subject, call.RequestType.Name, topic, call.Caller.Surface, outcome, TraceParent.TraceId);
}
