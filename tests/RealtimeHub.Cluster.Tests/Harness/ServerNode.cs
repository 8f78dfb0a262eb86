using System.Diagnostics;
using System.Net;
using System.Reflection;
using System.Text;
using RealtimeHub.Specification;

namespace RealtimeHub.Cluster.Tests.Harness;

/// <summary>A server of its own process: to be killed, paused, told to stop, and started again on the same address.</summary>
internal sealed class ServerNode : IAsyncDisposable
{
    private static readonly string Program = Path.GetFullPath(
        typeof(ServerNode).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "Server").Value!);

    // Settings of whoever runs the tests must not reach what is tested.
    private static readonly string[] Sections =
        ["ASPNETCORE_", "DOTNET_ENVIRONMENT", "Authentication__", "AzureAd__", "Limits__", "Nats__", "Node__", "OTEL_", "Redis__", "Storage__"];

    private readonly HttpClient http = new() { Timeout = TimeSpan.FromSeconds(5) };
    private readonly StringBuilder said = new();
    private readonly Lock gate = new();
    private readonly string name;
    private readonly IReadOnlyDictionary<string, string> settings;
    private Process? process;

    public ServerNode(string name, IReadOnlyDictionary<string, string> settings) => (this.name, this.settings) = (name, settings);

    public Uri Address { get; } = new($"http://127.0.0.1:{LoopbackPort.Free()}");

    /// <summary>Everything that it has said, in all of its lives.</summary>
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

    /// <summary>Starts it, and waits until it is ready.</summary>
    public async Task StartAsync()
    {
        Begin();
        await ReadyAsync();
    }

    public void Begin()
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [Program])
        {
            WorkingDirectory = Path.GetTempPath(),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var key in start.Environment.Keys.Where(key => Sections.Any(s => key.StartsWith(s, StringComparison.OrdinalIgnoreCase))).ToList())
        {
            start.Environment.Remove(key);
        }

        foreach (var (key, value) in settings)
        {
            start.Environment[key] = value;
        }

        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Development";
        start.Environment["ASPNETCORE_URLS"] = Address.ToString();
        start.Environment["Node__Name"] = name;
        process?.Dispose();
        process = Process.Start(start) ?? throw new InvalidOperationException($"{Program} did not start.");
        process.OutputDataReceived += (_, line) => Hear(line.Data);
        process.ErrorDataReceived += (_, line) => Hear(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Waits until it says that it is ready.</summary>
    public Task ReadyAsync() => HealthAsync("/healthz/ready", HttpStatusCode.OK);

    /// <summary>Waits until it says that it is not ready, and lives.</summary>
    public async Task NotReadyAsync()
    {
        await HealthAsync("/healthz/ready", HttpStatusCode.ServiceUnavailable);
        await HealthAsync("/healthz/live", HttpStatusCode.OK);
    }

    /// <summary>Ends it as <c>kill -9</c> does.</summary>
    public async Task KillAsync()
    {
        process!.Kill();
        await process.WaitForExitAsync(CancellationToken.None);
        process.ExitCode.Should().Be(128 + 9, "it must not have ended by itself: {0}", Output);
    }

    /// <summary>Tells it to stop, as an orchestrator does, and waits until it has; 30 s are promised.</summary>
    public async Task StopAsync()
    {
        Signal("TERM");
        await process!.WaitForExitAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(35), TimeProvider.System, TestContext.Current.CancellationToken);
        process.ExitCode.Should().Be(0, Output);
    }

    /// <summary>Has it stand still, its connections open.</summary>
    public void Pause() => Signal("STOP");

    /// <summary>Has it go on.</summary>
    public void Continue() => Signal("CONT");

    public async ValueTask DisposeAsync()
    {
        if (process is { HasExited: false })
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }

        process?.Dispose();
        http.Dispose();
    }

    private async Task HealthAsync(string path, HttpStatusCode status)
    {
        using var deadline = new CancellationTokenSource(2 * Deadline.Length, TimeProvider.System);
        while (true)
        {
            if (process!.HasExited)
            {
                throw new InvalidOperationException($"{name} ended by itself with exit code {process.ExitCode}:\n{Output}");
            }

            try
            {
                using var answer = await http.GetAsync(new Uri(Address, path), deadline.Token);
                if (answer.StatusCode == status)
                {
                    return;
                }
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !deadline.IsCancellationRequested)
            {
                // It does not listen yet, or has not answered in time.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, deadline.Token);
        }
    }

    private void Signal(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{process!.Id}"]);
        kill.WaitForExit();
    }

    private void Hear(string? line)
    {
        lock (gate)
        {
            said.AppendLine(line);
        }
    }
}
