using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using RealtimeHub.Benchmarks.Clients;
using RealtimeHub.Benchmarks.Feeding;

namespace RealtimeHub.Benchmarks.Running;

/// <summary>nats-server, whose WebSockets the clients use directly; the driver publishes over TCP.</summary>
internal sealed class NatsSystem : MeasuredSystem
{
    public const string Nats = "nats";

    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(10);

    private readonly Process process;
    private readonly IPEndPoint publishing;

    private NatsSystem(Process process, int port, int webSocketPort)
        : base(Nats)
    {
        this.process = process;
        publishing = new IPEndPoint(IPAddress.Loopback, port);
        Address = new IPEndPoint(IPAddress.Loopback, webSocketPort);
    }

    public override EndPoint Address { get; }

    public override int ProcessId => process.Id;

    public static async Task<NatsSystem> StartAsync(string program, string folder)
    {
        var (port, webSocketPort) = (FreePort(), FreePort());
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
        await Poll.UntilAsync(() => Listens(system.publishing) && Listens(system.Address), StartTimeout, "nats-server did not listen");
        return system;
    }

    public override Task PrepareAsync(string prefix, int topics) => Task.CompletedTask;

    public override ClientPlan Plan(IEnumerable<string> topics, string? cursor = null)
    {
        var subscriptions = string.Concat(topics.Select((topic, i) => $"SUB {topic} {i + 1}\r\n"));
        return new ClientPlan(
            Frames.Upgrade("/"), Frames.Of($"CONNECT {{\"verbose\":false,\"pedantic\":false}}\r\n{subscriptions}PING\r\n"),
            ReadySign: "PONG", Refusals: ["-ERR"], KeepAlive: null);
    }

    public override async Task<FeedResult> FeedAsync(FeedOrder order, Func<long>? slowest = null)
    {
        await using var publisher = await NatsPublisher.ConnectAsync(publishing);
        var progress = new Progress();
        return await ReportWhileAsync(Feed(), slowest, progress.Report);

        async Task<FeedResult> Feed()
        {
            await Task.Yield(); // the reports run beside it
            return await Feeder.RunAsync(order, publisher, progress);
        }
    }

    public override void Kill() => process.Kill();

    public override async ValueTask DisposeAsync()
    {
        Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static bool Listens(EndPoint address)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Connect(address);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
