using System.Diagnostics;
using System.Text;

namespace RealtimeHub.EndToEnd.Tests.Harness;

/// <summary>A program of ours in a process of its own, with everything that it says.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    // Settings of whoever runs the tests must not reach what is tested.
    private static readonly string[] Sections = ["ASPNETCORE_", "DOTNET_ENVIRONMENT", "Authentication__", "AzureAd__", "DocsGuide__", "Limits__", "OpenAI__", "Storage__"];

    private readonly Process process;
    private readonly StringBuilder said = new();
    private readonly Lock gate = new();

    public ChildProcess(string program, string folder, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> settings)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [program, .. arguments])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var name in start.Environment.Keys.Where(name => Sections.Any(s => name.StartsWith(s, StringComparison.OrdinalIgnoreCase))).ToList())
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        process.OutputDataReceived += (_, line) => Hear(line.Data);
        process.ErrorDataReceived += (_, line) => Hear(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Everything that it has said so far.</summary>
    public string Output
    {
        get
        {
            lock (gate)
            {
                return said.ToString();
            }
        }
    }

    public void ThrowIfEnded()
    {
        if (process.HasExited)
        {
            throw new InvalidOperationException($"It ended by itself with exit code {process.ExitCode}:\n{Output}");
        }
    }

    /// <summary>SIGKILL: it has no chance to say goodbye or to write anything more.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        process.ExitCode.Should().Be(128 + 9, "it must not have ended by itself");
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill();
        }

        await process.WaitForExitAsync(CancellationToken.None);
        process.Dispose();
    }

    private void Hear(string? line)
    {
        lock (gate)
        {
            said.AppendLine(line);
        }
    }
}
