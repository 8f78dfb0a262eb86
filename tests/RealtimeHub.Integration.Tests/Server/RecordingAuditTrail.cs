using System.Collections.Concurrent;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Integration.Tests.Server;

/// <summary>Keeps audit records where a test can see them.</summary>
public sealed class RecordingAuditTrail : IAuditTrail
{
    private readonly ConcurrentQueue<AuditRecord> records = [];

    public void Record(AuditRecord record) => records.Enqueue(record);

    public IReadOnlyList<AuditRecord> Of(string tenant) => [.. records.Where(r => r.Tenant == tenant)];
}
