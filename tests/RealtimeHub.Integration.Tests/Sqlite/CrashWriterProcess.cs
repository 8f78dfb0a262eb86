using System.Diagnostics;
using RealtimeHub.CrashWriter;
using RealtimeHub.Specification;

namespace RealtimeHub.Integration.Tests.Sqlite;

/// <summary>A process of its own that appends until it is killed.</summary>
internal sealed class CrashWriterProcess : IAsyncDisposable
{
    private readonly Process process;

    public CrashWriterProcess(string folder, int run)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "RealtimeHub.CrashWriter.dll");
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [program, folder, $"{run}"])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        process = Process.Start(start) ?? throw new InvalidOperationException("The writer did not start.");
    }

    /// <summary>Waits until it has acknowledged some appends, and answers them.</summary>
    public async Task<List<(long LastSequence, string LastId)>> ReadAsync(int count)
    {
        var stored = new List<(long, string)>();
        while (stored.Count < count)
        {
            var line = await Deadline.Within(process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask());
            stored.Add(CrashEvents.ReadLine(line ?? throw new InvalidOperationException("The writer ended by itself."))!.Value);
        }

        return stored;
    }

    /// <summary>Kills it with SIGKILL, and answers what it still said.</summary>
    public async Task<List<(long LastSequence, string LastId)>> KillAsync()
    {
        process.Kill();
        var rest = await Deadline.Within(process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken));
        await Deadline.Within(process.WaitForExitAsync(TestContext.Current.CancellationToken));
        process.ExitCode.Should().Be(128 + 9, "it must not have ended by itself");
        return [.. rest.Split('\n').Select(CrashEvents.ReadLine).OfType<(long, string)>()];
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }

        process.Dispose();
    }
}
