namespace RealtimeHub.Benchmarks.Sqlite;

/// <summary>How long things took. Not safe for several threads: each has its own, and they are put together at the end.</summary>
internal sealed class Latencies
{
    private readonly List<double> milliseconds = [];

    public int Count => milliseconds.Count;

    public static long Now => TimeProvider.System.GetTimestamp();

    public void Since(long start) => milliseconds.Add(TimeProvider.System.GetElapsedTime(start).TotalMilliseconds);

    public void Add(Latencies others) => milliseconds.AddRange(others.milliseconds);

    /// <summary>The time that this part of them did not exceed, in milliseconds.</summary>
    public double At(double part)
    {
        if (milliseconds.Count == 0)
        {
            return double.NaN;
        }

        milliseconds.Sort();
        return milliseconds[Math.Min(milliseconds.Count - 1, (int)(milliseconds.Count * part))];
    }

    public override string ToString() => $"p50 {At(0.5):0.00} ms, p99 {At(0.99):0.00} ms";
}
