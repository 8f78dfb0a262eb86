namespace RealtimeHub.Benchmarks.Clients;

/// <summary>Times between the moment for which an event was planned and the moment at which a client had it.</summary>
/// <remarks>Timestamps are of the machine's monotonic clock, which all its processes share. Only the loop of the clients adds.</remarks>
internal sealed class LatencyRecorder(int capacity)
{
    private readonly long[] ticks = new long[capacity];
    private int count;

    public int Count => Volatile.Read(ref count);

    public void Add(long elapsed)
    {
        if (count < ticks.Length)
        {
            ticks[count] = elapsed;
            Volatile.Write(ref count, count + 1);
        }
    }

    /// <summary>The latencies in milliseconds, smallest first. What never came counts as infinitely late.</summary>
    public double[] Sorted(long expected)
    {
        var perMillisecond = TimeProvider.System.TimestampFrequency / 1000.0;
        var all = new double[Math.Max(expected, Count)];
        Array.Fill(all, double.PositiveInfinity);
        for (var i = 0; i < Count; i++)
        {
            all[i] = ticks[i] / perMillisecond;
        }

        Array.Sort(all);
        return all;
    }
}
