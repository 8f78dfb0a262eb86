namespace RealtimeHub.Core.Telemetry;

/// <summary>What a node has done since its start. Thread-safe.</summary>
internal sealed class NodeCounters
{
    private long requests;
    private long events;
    private long deliveries;
    private long dropped;

    /// <summary>Requests, whatever became of them.</summary>
    public long Requests => Interlocked.Read(ref requests);

    /// <summary>Events that came through the log.</summary>
    public long Events => Interlocked.Read(ref events);

    /// <summary>Events written to connections.</summary>
    public long Deliveries => Interlocked.Read(ref deliveries);

    /// <summary>Audit records that were not kept.</summary>
    public long AuditRecordsDropped => Interlocked.Read(ref dropped);

    public void CountRequest() => Interlocked.Increment(ref requests);

    public void CountEvents(int count) => Interlocked.Add(ref events, count);

    public void CountDeliveries(long count) => Interlocked.Add(ref deliveries, count);

    public void CountAuditRecordDropped() => Interlocked.Increment(ref dropped);
}
