using RealtimeHub.Contracts;
using RealtimeHub.Core.Documents;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Projection;

namespace RealtimeHub.Core.Features.Audit;

/// <summary>Makes audit records of what succeeded: of every event that a command became. What agents publish is not audited one by one.</summary>
/// <remarks>One write a tenant and batch. What is recorded again after a crash is recognized by its sequence when it is read.</remarks>
internal sealed class AuditProjection(IDocumentStore documents, RetentionOptions retention, TimeProvider time) : IProjection
{
    private readonly SortedDictionary<long, (string Tenant, AuditItem Item)> recorded = [];

    public void Begin(ulong epoch) => recorded.Clear();

    public ValueTask ProjectAsync(StoredEvent e, CancellationToken cancellationToken)
    {
        // A projector that begins anew does not bring back what has been removed.
        if (e.Meta is { Surface: { } surface } meta && e.Time > time.GetUtcNow() - retention.AuditTime)
        {
            recorded[e.Sequence] = (e.Topic.Tenant, new AuditItem(
                e.Time, e.Actor, meta.Request ?? e.Type, AuditDocuments.NameOf(surface), AuditDocuments.Ok,
                e.Topic.Topic.ToString(), meta.CorrelationId, e.Type, e.Sequence));
        }

        return ValueTask.CompletedTask;
    }

    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        if (recorded.Count == 0)
        {
            return;
        }

        var writes = recorded.Values
            .GroupBy(r => (r.Tenant, Hour: AuditKeys.HourOf(r.Item.Time)), r => r.Item)
            .SelectMany(g => g.Chunk(AuditKeys.RecordsPerDocument).Select(items => PutAsync(g.Key.Tenant, g.Key.Hour, items, cancellationToken)));
        await Task.WhenAll(writes); // side by side, so that they share a transaction
        recorded.Clear();
    }

    private Task<long?> PutAsync(string tenant, DateTimeOffset hour, AuditItem[] items, CancellationToken cancellationToken) =>
        documents.PutAsync(
            AuditKeys.Successes(hour, tenant, items[0].Seq!.Value), AuditDocuments.Write(items), expectedRevision: null, cancellationToken).AsTask();
}
