using System.Diagnostics;
using System.Runtime.InteropServices;

namespace RealtimeHub.Benchmarks.Reporting;

/// <summary>What the numbers were measured on.</summary>
internal static class Machine
{
    public static async Task<string> DescribeAsync(string? natsServer)
    {
        var cpu = File.ReadLines("/proc/cpuinfo").First(l => l.StartsWith("model name", StringComparison.Ordinal)).Split(':')[1].Trim();
        var memory = long.Parse(File.ReadLines("/proc/meminfo").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) / 1024 / 1024;
        var table = new Table("Machine", "");
        table.Add("CPU", $"{cpu}, {Environment.ProcessorCount} cores");
        table.Add("Memory", $"{memory} GiB");
        table.Add("System", $"{RuntimeInformation.OSDescription}, {RuntimeInformation.OSArchitecture}");
        table.Add("Runtime", $"{RuntimeInformation.FrameworkDescription}, {(System.Runtime.GCSettings.IsServerGC ? "server" : "workstation")} GC");
        table.Add("nats-server", natsServer is null ? "not installed" : await VersionAsync(natsServer));
        table.Add("Storage", new DriveInfo(Path.GetTempPath()).DriveFormat);
        return table.ToString();
    }

    private static async Task<string> VersionAsync(string program)
    {
        using var process = Process.Start(new ProcessStartInfo(program, "--version") { RedirectStandardOutput = true, UseShellExecute = false })!;
        var text = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return text.Trim().Split(' ')[^1];
    }
}
