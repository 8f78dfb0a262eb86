using System.Diagnostics.Metrics;

namespace RealtimeHub.Core.Telemetry;

/// <summary>Where the buckets of histograms end. OpenTelemetry's own are made for milliseconds.</summary>
internal static class Buckets
{
    private static readonly int[] PowersOfTwo = [.. Enumerable.Range(0, 11).Select(n => 1 << n)];

    /// <summary>From half a millisecond to ten seconds.</summary>
    public static InstrumentAdvice<double> Seconds { get; } = new()
    {
        HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    };

    /// <summary>Powers of two up to 1,024.</summary>
    public static InstrumentAdvice<int> Counts { get; } = new() { HistogramBucketBoundaries = PowersOfTwo };

    /// <inheritdoc cref="Counts"/>
    public static InstrumentAdvice<long> LongCounts { get; } = new() { HistogramBucketBoundaries = [.. PowersOfTwo.Select(n => (long)n)] };
}
