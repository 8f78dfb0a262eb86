using System.Diagnostics;
using System.Diagnostics.Metrics;
using RealtimeHub.Core.Telemetry;

namespace RealtimeHub.Core.Pipeline;

/// <summary>The names under which the pipeline reports; collectors subscribe to them.</summary>
public static class PipelineTelemetry
{
    /// <summary>Name of the activity source and of the meter.</summary>
    public const string Name = "RealtimeHub";

    internal static ActivitySource Source { get; } = new(Name);

    internal static Meter Meter { get; } = new(Name);

    internal static Histogram<double> Duration { get; } = Meter.CreateHistogram(
        "realtimehub.request.duration", "s", "Time from the adapter's call to the reply, by request, surface and outcome.", advice: Buckets.Seconds);
}
