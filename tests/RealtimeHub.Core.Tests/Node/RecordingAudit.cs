using System.Collections.Concurrent;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Tests.Node;

/// <summary>An audit trail that a test can look at.</summary>
internal sealed class RecordingAudit : IAuditTrail
{
    private readonly ConcurrentQueue<AuditRecord> records = [];

    public IReadOnlyList<AuditRecord> Records => [.. records];

    public void Record(AuditRecord record) => records.Enqueue(record);
}
