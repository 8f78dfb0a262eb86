using System.Diagnostics;
using System.Net;

namespace RealtimeHub.Benchmarks.Running;

/// <summary>What several nodes share: nats-server with JetStream, or Redis.</summary>
internal sealed class BackboneServer : IAsyncDisposable
{
    private readonly ProcessStartInfo start;
    private Process process;

    private BackboneServer(ProcessStartInfo start, IPEndPoint address)
    {
        (this.start, Address) = (start, address);
        process = Process.Start(start)!;
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint Address { get; }

    public int ProcessId => process.Id;

    public static Task<BackboneServer> StartNatsAsync(string program, string folder) =>
        StartAsync(program, folder, port => ["-js", "-sd", folder, "-a", "127.0.0.1", "-p", $"{port}", "-l", Path.Combine(folder, "nats.log")]);

    public static Task<BackboneServer> StartRedisAsync(string program, string folder) =>
        StartAsync(program, folder, port => ["--bind", "127.0.0.1", "--port", $"{port}", "--save", "", "--dir", folder, "--logfile", "redis.log"]);

    /// <summary>Ends it at once.</summary>
    public void Kill() => process.Kill();

    /// <summary>Ends it at once, and starts it again on what it had stored.</summary>
    public async Task InterruptAsync(TimeSpan time)
    {
        await DisposeAsync();
        await Poll.Pause(time);
        process = Process.Start(start)!;
        await ListeningAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private static async Task<BackboneServer> StartAsync(string program, string folder, Func<int, string[]> arguments)
    {
        Directory.CreateDirectory(folder);
        var address = new IPEndPoint(IPAddress.Loopback, Listening.FreePort());
        var server = new BackboneServer(new ProcessStartInfo(program, arguments(address.Port)), address);
        await server.ListeningAsync();
        return server;
    }

    private Task ListeningAsync() => Listening.StartedAsync(Path.GetFileName(start.FileName), Address);
}
