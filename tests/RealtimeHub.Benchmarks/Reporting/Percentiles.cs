namespace RealtimeHub.Benchmarks.Reporting;

/// <summary>Figures of sorted values.</summary>
internal static class Percentiles
{
    /// <summary>The smallest value that the share does not exceed.</summary>
    public static double At(this double[] sorted, double share) =>
        sorted.Length == 0 ? double.NaN : sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)];
}
