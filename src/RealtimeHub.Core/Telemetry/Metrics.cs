using System.Diagnostics.Metrics;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Telemetry;

/// <summary>What is measured as it happens. Tags never name a tenant, a user or a topic. docs/operations.md lists them.</summary>
internal static class Metrics
{
    public static Counter<long> Denials { get; } = PipelineTelemetry.Meter.CreateCounter<long>(
        "realtimehub.request.denials", "{request}", "Requests, and subscriptions of a request, that were not carried out, by code and surface.");

    /// <summary>One denial more; without a surface where what was asked is no request of ours.</summary>
    public static void CountDenial(ErrorCode code, Surface? surface) =>
        Denials.Add(1, new("code", code.ToString()), new("surface", surface?.ToString() ?? "None"));

    public static Histogram<double> AppendDuration { get; } = PipelineTelemetry.Meter.CreateHistogram(
        "realtimehub.log.append.duration", "s", "Time from an append's call until its events are durable.", advice: Buckets.Seconds);

    public static Histogram<long> CommitSize { get; } = PipelineTelemetry.Meter.CreateHistogram(
        "realtimehub.log.commit.size", "{write}", "Appends and other writes that shared a transaction, and its sync of the disk.", advice: Buckets.LongCounts);

    public static Counter<long> SkippedEvents { get; } = PipelineTelemetry.Meter.CreateCounter<long>(
        "realtimehub.log.skipped", "{event}", "What others put into the log and what is no event: it is delivered to nobody.");

    public static Histogram<double> TailDelay { get; } = PipelineTelemetry.Meter.CreateHistogram(
        "realtimehub.tail.delay", "s", "Time from a command's decision until delivery sees its event.", advice: Buckets.Seconds);

    public static Histogram<double> DeliveryDelay { get; } = PipelineTelemetry.Meter.CreateHistogram(
        "realtimehub.delivery.delay", "s", "Time from an event's arrival in its feed until it is written to every live subscription that can take it.",
        advice: Buckets.Seconds);

    public static Histogram<double> DeliveryLag { get; } = PipelineTelemetry.Meter.CreateHistogram(
        "realtimehub.delivery.lag", "s", "Time from a command's append until its event is written to every live subscription that can take it.",
        advice: Buckets.Seconds);

    public static Histogram<int> BatchSize { get; } = PipelineTelemetry.Meter.CreateHistogram(
        "realtimehub.delivery.batch.size", "{event}", "Events in a frame, each frame once, however many connections it is written to.",
        advice: Buckets.Counts);

    public static Counter<long> SlowConsumers { get; } = PipelineTelemetry.Meter.CreateCounter<long>(
        "realtimehub.delivery.slow_consumers", "{connection}", "Connections that were ended because they took nothing.");
}
