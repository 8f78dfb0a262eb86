using System.Net;
using RealtimeHub.Benchmarks.Clients;
using RealtimeHub.Benchmarks.Feeding;
using RealtimeHub.Benchmarks.Serving;
using RealtimeHub.Contracts;

namespace RealtimeHub.Benchmarks.Running;

/// <summary>A SignalR server: the service itself, or the bare hub.</summary>
internal sealed class HubSystem : MeasuredSystem
{
    public const string Ours = "ours";
    public const string Bare = "bare";

    private const string Handshake = "{\"protocol\":\"json\",\"version\":1}\u001e";

    private readonly ControlledProcess process;
    private string token = "";

    private HubSystem(string name, ControlledProcess process, Uri address)
        : base(name)
    {
        this.process = process;
        Address = new IPEndPoint(IPAddress.Loopback, address.Port);
    }

    public override EndPoint Address { get; }

    public override int ProcessId => process.Id;

    private bool IsOurs => Name == Ours;

    public static async Task<HubSystem> StartAsync(string name, string folder)
    {
        var (process, address) = await ControlledProcess.StartAsync(name, folder);
        return new HubSystem(name, process, new Uri(address));
    }

    public override async Task PrepareAsync(string prefix, int topics)
    {
        await process.AskAsync("topics", $"{prefix} {topics}");
        token = await process.AskAsync("token");
    }

    public override ClientPlan Plan(IEnumerable<string> topics, string? cursor = null)
    {
        var from = cursor is null ? "\"from\":\"latest\"" : $"\"from\":\"cursor\",\"cursor\":\"{cursor}\"";
        var argument = IsOurs
            ? $"{{\"subscriptions\":[{string.Join(',', topics.Select(t => $"{{\"topic\":\"{Topic.Conversation(t)}\",{from}}}"))}]}}"
            : $"[{string.Join(',', topics.Select(t => $"\"{t}\""))}]";
        var invocation = $"{{\"type\":1,\"invocationId\":\"1\",\"target\":\"Subscribe\",\"arguments\":[{argument}]}}\u001e";
        return new ClientPlan(
            Frames.Upgrade(IsOurs ? HubPaths.Events : BareRole.Path, IsOurs ? token : null),
            [.. Frames.Of(Handshake), .. Frames.Of(invocation)],
            ReadySign: "\"type\":3",
            Refusals: ["\"error\"", "\"status\":\"not_found\"", "\"status\":\"forbidden\"", "\"status\":\"limit\"", "\"status\":\"reset\""],
            Frames.Ping);
    }

    public override async Task<FeedResult> FeedAsync(FeedOrder order, Func<long>? slowest = null)
    {
        var reply = process.AskAsync(out var number, "feed", order.ToString());
        var answer = await ReportWhileAsync(reply, slowest, value => process.Tell(number, "progress", value));
        return answer.Split(' ') is [var count, var end]
            ? new FeedResult(long.Parse(count), end == "stuck")
            : throw new FormatException(answer);
    }

    public override async Task<long?> CollectAsync() => long.Parse(await process.AskAsync("heap"));

    public override async Task<long> LogReadsAsync() => long.Parse(await process.AskAsync("reads"));

    public override void Kill() => process.Kill();

    public override ValueTask DisposeAsync() => process.DisposeAsync();
}
