using System.Diagnostics;
using RealtimeHub.Specification;

namespace RealtimeHub.Integration.Tests.Restart;

/// <summary>The real server in a process of its own, to be killed.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private const string Listening = "Now listening on: ";

    private readonly Process process;

    private ServerProcess(Process process, Uri address)
    {
        this.process = process;
        Address = address;
        _ = DrainAsync(process);
    }

    public Uri Address { get; }

    /// <summary>Starts it on the folder, and waits until it listens.</summary>
    public static async Task<ServerProcess> StartAsync(string folder, IReadOnlyDictionary<string, string>? settings = null)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "RealtimeHub.Server.dll");
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [program])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Development";
        start.Environment["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        start.Environment["Storage__Path"] = folder;
        start.Environment["Dashboard__Path"] = Path.Combine(folder, "no-dashboard");
        foreach (var (name, value) in settings ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        var started = Process.Start(start) ?? throw new InvalidOperationException("The server did not start.");
        while (true)
        {
            var line = await Deadline.Within(started.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask())
                ?? throw new InvalidOperationException("The server ended by itself.");
            if (line.Contains(Listening, StringComparison.Ordinal))
            {
                return new ServerProcess(started, new Uri(line[(line.IndexOf(Listening, StringComparison.Ordinal) + Listening.Length)..]));
            }
        }
    }

    /// <summary>Kills it with SIGKILL.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await Deadline.Within(process.WaitForExitAsync(TestContext.Current.CancellationToken));
        process.ExitCode.Should().Be(128 + 9, "it must not have ended by itself");
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

    // A pipe that nobody reads stops the writer once it is full.
    private static async Task DrainAsync(Process server)
    {
        while (await server.StandardOutput.ReadLineAsync(CancellationToken.None) is not null)
        {
        }
    }
}
