using RealtimeHub.Benchmarks.Clients;
using RealtimeHub.Benchmarks.Feeding;
using RealtimeHub.Benchmarks.Reporting;

namespace RealtimeHub.Benchmarks.Running;

/// <summary>How late the events of one paced feed came, in milliseconds after the moment that each was planned for.</summary>
/// <param name="Median">Half of the deliveries were as early.</param>
/// <param name="Tail">99 of 100 were.</param>
/// <param name="Delivered">The share that came at all; what did not come counts as infinitely late.</param>
/// <param name="Run">The rest of the figures.</param>
internal sealed record LatencyRun(double Median, double Tail, double Delivered, Run Run)
{
    public static async Task<LatencyRun> MeasureAsync(ClientLoop loop, MeasuredSystem system, Crowd crowd, FeedOrder order)
    {
        var planned = (long)(order.Rate * order.Seconds) * crowd.Clients.Count;
        var recorder = new LatencyRecorder((int)planned);
        crowd.Record(recorder);
        var run = await Run.MeasureAsync(loop, system, crowd, order);
        crowd.Record(null);
        var sorted = recorder.Sorted(planned);
        return new LatencyRun(sorted.At(0.5), sorted.At(0.99), (double)recorder.Count / planned, run);
    }

    public override string ToString() => $"p50 {Median:0.00} ms, p99 {Tail:0.00} ms, {Delivered:p1}; {Run}";
}
