using System.Diagnostics;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Telemetry;

/// <summary>One append to the log: a span of its own, and how long it took to be durable.</summary>
internal readonly struct AppendMeasurement : IDisposable
{
    private readonly Activity? activity;
    private readonly long started;

    private AppendMeasurement(Activity? activity) => (this.activity, started) = (activity, TimeProvider.System.GetTimestamp());

    /// <summary>Begins one.</summary>
    public static AppendMeasurement Begin(int events)
    {
        var span = PipelineTelemetry.Source.StartActivity("append");
        span?.SetTag("realtimehub.events", events);
        return new AppendMeasurement(span);
    }

    /// <summary>The log has answered.</summary>
    public void IsDone() => Metrics.AppendDuration.Record(TimeProvider.System.GetElapsedTime(started).TotalSeconds);

    /// <summary>Ends the span.</summary>
    public void Dispose() => activity?.Dispose();
}
