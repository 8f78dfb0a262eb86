using System.Globalization;

namespace RealtimeHub.Benchmarks.Running;

/// <summary>What a process has used of the machine so far.</summary>
/// <param name="CpuSeconds">User and system time of all its threads; the kernel counts in hundredths.</param>
/// <param name="ResidentBytes">What it holds of the memory.</param>
internal readonly record struct ProcessUsage(double CpuSeconds, long ResidentBytes)
{
    private const double TicksPerSecond = 100; // sysconf(_SC_CLK_TCK), the same on every Linux that .NET runs on

    /// <summary>What this process has used so far.</summary>
    public static ProcessUsage Own => Of(Environment.ProcessId);

    /// <summary>CPU seconds that everything on the machine has used so far.</summary>
    public static double MachineCpuSeconds()
    {
        // user, nice, system, idle, iowait, irq, softirq, steal
        var fields = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Take(8).Select(long.Parse).ToArray();
        return (fields.Sum() - fields[3] - fields[4]) / TicksPerSecond;
    }

    /// <summary>What processes have used together.</summary>
    public static ProcessUsage Of(IEnumerable<int> processes) =>
        processes.Select(Of).Aggregate(default(ProcessUsage), (sum, p) => new ProcessUsage(sum.CpuSeconds + p.CpuSeconds, sum.ResidentBytes + p.ResidentBytes));

    public static ProcessUsage Of(int process)
    {
        // The name, in parentheses, may hold blanks; utime and stime are the 12th and 13th fields behind it.
        var stat = File.ReadAllText($"/proc/{process}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        var ticks = long.Parse(fields[11]) + long.Parse(fields[12]);
        var resident = File.ReadLines($"/proc/{process}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        var kilobytes = long.Parse(resident.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        return new ProcessUsage(ticks / TicksPerSecond, kilobytes * 1024);
    }
}
