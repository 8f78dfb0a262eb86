using System.Diagnostics;
using System.Net;
using RealtimeHub.Benchmarks.Clients;
using RealtimeHub.Benchmarks.Feeding;

namespace RealtimeHub.Benchmarks.Running;

/// <summary>nats-server, whose WebSockets the clients use directly; the driver publishes over TCP.</summary>
internal sealed class NatsSystem : MeasuredSystem
{
    public const string Nats = "nats";

    private readonly Process process;
    private readonly IPEndPoint publishing;
    private readonly IPEndPoint webSockets;

    private NatsSystem(Process process, int port, int webSocketPort)
        : base(Nats)
    {
        this.process = process;
        publishing = new IPEndPoint(IPAddress.Loopback, port);
        webSockets = new IPEndPoint(IPAddress.Loopback, webSocketPort);
    }

    public override IReadOnlyList<int> ProcessIds => [process.Id];

    public static async Task<NatsSystem> StartAsync(string program, string folder)
    {
        var (port, webSocketPort) = (Listening.FreePort(), Listening.FreePort());
        Directory.CreateDirectory(folder);
        var configuration = Path.Combine(folder, "nats.conf");
        await File.WriteAllTextAsync(configuration, $$"""
            host: 127.0.0.1
            port: {{port}}
            ping_interval: "30m"
            websocket { no_tls: true, host: 127.0.0.1, port: {{webSocketPort}} }
            """);
        var start = new ProcessStartInfo(program, ["-c", configuration, "-l", Path.Combine(folder, "nats.log")]);
        var system = new NatsSystem(Process.Start(start)!, port, webSocketPort);
        await Listening.StartedAsync("nats-server", system.publishing, system.webSockets);
        return system;
    }

    public override Task PrepareAsync(string prefix, int topics) => Task.CompletedTask;

    public override ClientPlan Plan(IEnumerable<string> topics, string? cursor = null, int client = 0)
    {
        var subscriptions = string.Concat(topics.Select((topic, i) => $"SUB {topic} {i + 1}\r\n"));
        return new ClientPlan(
            webSockets, Frames.Upgrade("/"), Frames.Of($"CONNECT {{\"verbose\":false,\"pedantic\":false}}\r\n{subscriptions}PING\r\n"),
            ReadySign: "PONG", Refusals: ["-ERR"], KeepAlive: null);
    }

    public override async Task<FeedResult> FeedAsync(FeedOrder order, Func<long>? slowest = null)
    {
        await using var publisher = await NatsPublisher.ConnectAsync(publishing);
        return await FeedHereAsync(order, publisher, slowest);
    }

    public override void Kill() => process.Kill();

    public override async ValueTask DisposeAsync()
    {
        Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }
}
