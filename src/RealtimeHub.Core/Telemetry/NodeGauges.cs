using System.Diagnostics.Metrics;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Delivery;
using RealtimeHub.Core.Features.Status;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Telemetry;

/// <summary>What is measured when somebody looks. The instruments are the node's own and go with it.</summary>
internal sealed class NodeGauges : IDisposable
{
    private readonly Meter meter = new(PipelineTelemetry.Name);

    public NodeGauges(IDeliveryLoad delivery, NodeSampler sampler, NodeCounters counters, IBackplane backplane)
    {
        meter.CreateObservableGauge("realtimehub.connections", () => ByState(delivery.CountConnections()), "{connection}", "Open connections, by state.");
        meter.CreateObservableGauge("realtimehub.subscriptions", () => delivery.CountConnections().Subscriptions, "{subscription}", "Subscriptions of all connections.");
        meter.CreateObservableGauge("realtimehub.feeds", () => delivery.Feeds, "{feed}", "Topics that are watched, or were a moment ago.");
        meter.CreateObservableCounter("realtimehub.delivery.events", () => counters.Deliveries, "{event}", "Events written to connections.");
        meter.CreateObservableCounter("realtimehub.delivery.log_reads", () => delivery.LogReads, "{read}", "Pages of history that subscriptions caught up from.");
        meter.CreateObservableGauge("realtimehub.delivery.ring.size", () => delivery.RingBytes, "By", "Memory that the newest events of all topics take.");
        meter.CreateObservableGauge("realtimehub.delivery.backlog.size", () => delivery.BacklogBytes, "By", "Events on their way from the log to their feeds.");
        meter.CreateObservableGauge("realtimehub.log.head", () => sampler.LogHead, "{event}", "Sequence of the log's last event.");
        meter.CreateObservableCounter("realtimehub.tail.events", () => counters.Events, "{event}", "Events that came through the log.");
        meter.CreateObservableGauge("realtimehub.tail.lag", () => sampler.TailLag, "{event}", "Events between the log's head and what delivery has seen.");
        meter.CreateObservableGauge("realtimehub.projector.lag", () => sampler.ProjectorLag, "{event}", "Events between the log's head and what the projector has dealt with.");
        meter.CreateObservableCounter("realtimehub.audit.dropped", () => counters.AuditRecordsDropped, "{record}", "Audit records that came too fast to be kept.");
        if (backplane.Status != PartStatus.None)
        {
            meter.CreateObservableGauge("realtimehub.backplane.up", () => backplane.Status == PartStatus.Ok ? 1 : 0, null, "1 while presence is shared with other nodes, else 0.");
        }
    }

    public void Dispose() => meter.Dispose();

    private static IEnumerable<Measurement<int>> ByState(ConnectionLoad load) =>
    [
        new(load.Idle, new KeyValuePair<string, object?>("state", "idle")),
        new(load.Writing, new KeyValuePair<string, object?>("state", "writing")),
        new(load.Busy, new KeyValuePair<string, object?>("state", "busy")),
    ];
}
