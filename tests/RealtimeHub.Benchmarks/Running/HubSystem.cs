using System.Net;
using RealtimeHub.Benchmarks.Clients;
using RealtimeHub.Benchmarks.Feeding;
using RealtimeHub.Benchmarks.Serving;
using RealtimeHub.Contracts;

namespace RealtimeHub.Benchmarks.Running;

/// <summary>A SignalR server, of one process or of several nodes: the service itself, or the bare hub.</summary>
internal sealed class HubSystem : MeasuredSystem
{
    public const string Ours = "ours";
    public const string Bare = "bare";
    public const string OursOnNats = "ours on NATS";
    public const string BareOnRedis = "bare on Redis";
    public const string BareOnTail = "bare on the tail";

    private const int LinkedNode = 1; // has a way of its own to what is behind
    private const string Handshake = "{\"protocol\":\"json\",\"version\":1}\u001e";

    private readonly ControlledProcess[] processes;
    private readonly IPEndPoint[] addresses;
    private readonly BackboneServer? backbone;
    private readonly Link? link;
    private string token = "";

    private HubSystem(string name, BackboneServer? backbone, Link? link, (ControlledProcess Process, string Address)[] nodes)
        : base(name)
    {
        (this.backbone, this.link) = (backbone, link);
        processes = [.. nodes.Select(n => n.Process)];
        addresses = [.. nodes.Select(n => new IPEndPoint(IPAddress.Loopback, new Uri(n.Address).Port))];
    }

    /// <summary>Where its first node is.</summary>
    public IPEndPoint Address => addresses[0];

    public override IReadOnlyList<int> ProcessIds => [.. processes.Select(p => p.Id)];

    public override ProcessUsage BackboneUsage => backbone is null ? default : ProcessUsage.Of(backbone.ProcessId);

    public override bool HasCursors => Name.StartsWith(Ours, StringComparison.Ordinal);

    /// <param name="name">One of the names.</param>
    /// <param name="folder">Where it may write.</param>
    /// <param name="backbone">What is behind it, if anything.</param>
    /// <param name="nodes">How many processes.</param>
    public static async Task<HubSystem> StartAsync(string name, string folder, BackboneServer? backbone = null, int nodes = 1)
    {
        var way = nodes > 1 && backbone is not null ? new Link(backbone.Address) : null;
        var started = Enumerable.Range(0, nodes).Select(node => ControlledProcess.StartAsync(RoleOf(name, node == LinkedNode ? way?.Address : backbone?.Address), folder));
        return new HubSystem(name, backbone, way, await Task.WhenAll(started));
    }

    public override async Task PrepareAsync(string prefix, int topics)
    {
        await processes[0].AskAsync("topics", $"{prefix} {topics}");
        token = await processes[0].AskAsync("token");
    }

    public override ClientPlan Plan(IEnumerable<string> topics, string? cursor = null, int client = 0)
    {
        var from = cursor is null ? "\"from\":\"latest\"" : $"\"from\":\"cursor\",\"cursor\":\"{cursor}\"";
        var argument = HasCursors
            ? $"{{\"subscriptions\":[{string.Join(',', topics.Select(t => $"{{\"topic\":\"{Topic.Conversation(t)}\",{from}}}"))}]}}"
            : $"[{string.Join(',', topics.Select(t => $"\"{t}\""))}]";
        var invocation = $"{{\"type\":1,\"invocationId\":\"1\",\"target\":\"Subscribe\",\"arguments\":[{argument}]}}\u001e";
        return new ClientPlan(
            addresses[client % addresses.Length],
            Frames.Upgrade(HasCursors ? HubPaths.Events : BareRole.Path, HasCursors ? token : null),
            [.. Frames.Of(Handshake), .. Frames.Of(invocation)],
            ReadySign: "\"type\":3",
            Refusals: ["\"error\"", "\"status\":\"not_found\"", "\"status\":\"forbidden\"", "\"status\":\"limit\"", "\"status\":\"reset\""],
            Frames.Ping);
    }

    public override async Task<FeedResult> FeedAsync(FeedOrder order, Func<long>? slowest = null)
    {
        if (Name is OursOnNats or BareOnTail)
        {
            await using var publisher = await JetStreamPublisher.ConnectAsync(backbone!.Address, OursRole.KeyOf);
            var result = await FeedHereAsync(order, publisher, slowest);
            await Task.WhenAll(processes.Select(p => p.AskAsync("settle")));
            return result;
        }

        var reply = processes[0].AskAsync(out var number, "feed", order.ToString());
        var answer = await ReportWhileAsync(reply, slowest, value => processes[0].Tell(number, "progress", value));
        return ResultOf(answer);
    }

    /// <summary>Publishes from its first node what must not be lost.</summary>
    public async Task<FeedResult> InsistAsync(FeedOrder order) => ResultOf(await processes[0].AskAsync("insist", order.ToString()));

    /// <summary>Kills what is behind the nodes, and starts it again after a while.</summary>
    public Task KillBackboneAsync(TimeSpan time) => backbone!.InterruptAsync(time);

    /// <summary>Cuts the second node's way to what is behind the nodes, for a while.</summary>
    public Task CutOffAsync(TimeSpan time) => link!.CutAsync(time);

    public override async Task<long?> CollectAsync() => (await Task.WhenAll(processes.Select(p => p.AskAsync("heap")))).Sum(long.Parse);

    public override async Task<long> LogReadsAsync() => (await Task.WhenAll(processes.Select(p => p.AskAsync("reads")))).Sum(long.Parse);

    public override void Kill()
    {
        Array.ForEach(processes, p => p.Kill());
        backbone?.Kill();
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (var process in processes)
        {
            await process.DisposeAsync();
        }

        if (link is not null)
        {
            await link.DisposeAsync();
        }

        if (backbone is not null)
        {
            await backbone.DisposeAsync();
        }
    }

    private static string RoleOf(string name, IPEndPoint? backbone) => name switch
    {
        OursOnNats => $"{Ours}@nats://{backbone}",
        BareOnRedis => $"{Bare}@{backbone}",
        BareOnTail => $"{BareRole.Tailing}@nats://{backbone}",
        _ => name,
    };

    private static FeedResult ResultOf(string answer) => answer.Split(' ') is [var count, var end]
        ? new FeedResult(long.Parse(count), end == "stuck")
        : throw new FormatException(answer);
}
