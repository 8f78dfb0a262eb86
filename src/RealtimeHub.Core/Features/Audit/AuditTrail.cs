using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Documents;
using RealtimeHub.Core.Pipeline;
using RealtimeHub.Core.Telemetry;

namespace RealtimeHub.Core.Features.Audit;

/// <summary>Keeps what was denied or failed, in documents and in the log of the process.</summary>
/// <remarks>
/// A record is kept at once where it is quiet; where much is denied, what gathers within a second is one document a tenant. What comes
/// faster than <see cref="Capacity"/> records between two writes is dropped: no request waits or fails because it is recorded. How many
/// were dropped is itself a record, and in the log. A stop writes what is left.
/// </remarks>
internal sealed class AuditTrail(IDocumentStore documents, NodeCounters counters, TimeProvider time, ILogger<AuditTrail> logger)
    : BackgroundService, IAuditTrail
{
    /// <summary>Records that may wait to be written: some 4 MB.</summary>
    public const int Capacity = 10_000;

    private static readonly TimeSpan WriteEvery = TimeSpan.FromSeconds(1);

    private readonly Channel<AuditRecord> queue = Channel.CreateBounded<AuditRecord>(new BoundedChannelOptions(Capacity) { SingleReader = true });
    private readonly ConcurrentDictionary<string, long> dropped = new(StringComparer.Ordinal);

    // A host may be stopped twice at once; either waits until all is written. Not disposed of: one stop may be done while the other begins.
    private readonly SemaphoreSlim writing = new(1, 1);
    private readonly List<(string Key, byte[] Value)> unwritten = [];
    private bool isFailing;

    public void Record(AuditRecord record)
    {
        PipelineLog.Denied(
            logger, record.Request, $"{record.Actor.Kind}:{record.Actor.Id}", record.Tenant, record.Topic, record.Surface,
            record.Outcome.ToString(), record.CorrelationId);
        if (!queue.Writer.TryWrite(record))
        {
            counters.CountAuditRecordDropped();
            dropped.AddOrUpdate(record.Tenant, 1, (_, before) => before + 1);
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await TryWriteAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (unwritten.Count > 0 || await queue.Reader.WaitToReadAsync(stoppingToken))
            {
                await TryWriteAsync(stoppingToken);
                await Task.Delay(WriteEvery, time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // StopAsync writes the rest.
        }
    }

    private async Task TryWriteAsync(CancellationToken cancellationToken)
    {
        await writing.WaitAsync(cancellationToken);
        try
        {
            // What could not be written is written first, under the same keys: the queue is taken from when there is room again.
            await WriteAsync(cancellationToken);
            Take();
            await WriteAsync(cancellationToken);
            isFailing = false;
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            // Whatever it is, it is tried again, and is no reason to stop the server.
            if (!isFailing)
            {
                AuditLog.NotWritten(logger, e);
            }

            isFailing = true;
        }
        finally
        {
            writing.Release();
        }
    }

    private void Take()
    {
        var now = time.GetUtcNow();
        var taken = new List<(string Tenant, AuditItem Item)>();
        while (taken.Count < Capacity && queue.Reader.TryRead(out var record))
        {
            taken.Add((record.Tenant, AuditDocuments.ItemOf(record)));
        }

        foreach (var tenant in dropped.Keys)
        {
            if (dropped.TryRemove(tenant, out var count))
            {
                AuditLog.Dropped(logger, count, tenant);
                taken.Add((tenant, new AuditItem(
                    now, Subject.System, nameof(AuditTrail), AuditDocuments.NoSurface, AuditDocuments.NameOf(nameof(ErrorCode.RateLimited)), Dropped: count)));
            }
        }

        foreach (var group in taken.GroupBy(r => (r.Tenant, Hour: AuditKeys.HourOf(r.Item.Time)), r => r.Item))
        {
            foreach (var some in group.Chunk(AuditKeys.RecordsPerDocument))
            {
                unwritten.Add((AuditKeys.Failures(group.Key.Hour, group.Key.Tenant, Ids.New(now)), AuditDocuments.Write(some)));
            }
        }
    }

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        // Side by side, so that they share a transaction.
        await Task.WhenAll(unwritten.Select(u => documents.PutAsync(u.Key, u.Value, expectedRevision: null, cancellationToken).AsTask()));
        unwritten.Clear();
    }
}
