using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using RealtimeHub.Contracts;
using RealtimeHub.Integration.Tests.Hubs;
using RealtimeHub.Integration.Tests.Server;
using RealtimeHub.Specification;

namespace RealtimeHub.Integration.Tests.Restart;

/// <summary>A server that is killed again and again, while one streams, one commands and one watches.</summary>
public sealed class KillTests(ITestOutputHelper output) : IAsyncDisposable
{
    private const int Kills = 4;
    private const int Deltas = 600;
    private const int Messages = 60;

    // How far the stream may be ahead of the watcher: a kill must find it at work.
    private const int Ahead = 40;

    private readonly string folder = Directory.CreateTempSubdirectory("realtimehub-").FullName;
    private readonly Received received = new();
    private TaskCompletionSource<Uri> running = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync()
    {
        Directory.Delete(folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData(20260103, HubProtocol.Json)]
    [InlineData(20260104, HubProtocol.MessagePack)]
    public async Task Kill_WhileEventsAreStreamed_EveryoneEndsWithTheLogsHistory(int seed, HubProtocol protocol)
    {
        var random = new Random(seed);
        var thresholds = Enumerable.Range(0, Kills).Select(_ => random.Next(20, Deltas - 100)).Order().ToList();
        output.WriteLine($"Killed after {string.Join(", ", thresholds)} events.");

        var server = await ServerProcess.StartAsync(folder);
        var stage = await Stage.SetAsync(server.Address, "acme");
        var run = await stage.StartRunAsync();
        await stage.PublishAsync(Stage.Event(run, "message.started", """{ "messageId": "m", "role": "assistant" }"""));
        running.SetResult(server.Address);
        var streaming = StreamAsync(stage.Wren, run, protocol);
        var commanding = CommandAsync(stage.Olga);
        using var stop = new CancellationTokenSource();
        var watching = WatchAsync(stage.Mia, protocol, stop.Token);
        foreach (var threshold in thresholds)
        {
            await received.UntilAsync(r => r.EventsOf(Stage.Talk).Count > threshold ? r : null);
            running = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
            await server.KillAsync();
            await server.DisposeAsync();
            server = await ServerProcess.StartAsync(folder);
            running.SetResult(server.Address);
        }

        await Deadline.Within(Task.WhenAll(streaming, commanding));
        var history = await stage.Mia.At(server.Address).HistoryAsync(Stage.Talk);
        await received.EventAsync(Stage.Talk, e => Stage.SequenceOf(e) == Stage.SequenceOf(history[^1]));

        received.EventsOf(Stage.Talk).Select(e => e.ToJsonString()).Should().Equal(history.Select(e => e.ToJsonString()));
        received.All.Where(p => p.Method != "Events").Should().BeEmpty("nobody lagged, and the log is the same");
        history.Where(e => Stage.TypeOf(e) == EventTypes.MessageDelta).Select(e => (int)e["data"]!["offset"]!).Should().Equal(Enumerable.Range(0, Deltas));
        history.Where(e => Stage.TypeOf(e) == EventTypes.MessageCreated).Select(e => (string)e["data"]!["text"]!)
            .Should().Equal(Enumerable.Range(0, Messages).Select(i => $"{i}"));
        await stop.CancelAsync();
        await Deadline.Within(watching);
        await server.DisposeAsync();
    }

    /// <summary>Streams every delta, from the first one again whenever the connection was lost, until one reply tells that all are stored.</summary>
    private async Task StreamAsync(Person runtime, string run, HubProtocol protocol)
    {
        while (true)
        {
            try
            {
                await using var hub = await runtime.At(await running.Task).ConnectAsync(HubPaths.Agent, protocol);
                var reply = await hub.PublishStreamAsync(Stage.Talk, "writer", EventsAsync(run, Cancelled));
                ((int?)reply["value"]?["stored"]).Should().Be(Deltas, reply.ToJsonString());
                return;
            }
            catch (Exception e) when (IsLoss(e))
            {
            }
        }
    }

    private async IAsyncEnumerable<JsonNode?> EventsAsync(string run, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var i = 0; i < Deltas; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var floor = i - Ahead;
            await received.UntilAsync(r => floor < 0 || r.EventsOf(Stage.Talk).Any(e => (string?)e["id"] == $"d-{floor}") ? r : null);
            yield return Stage.Event(run, "message.delta", $$"""{ "messageId": "m", "text": "x", "offset": {{i}} }""", $"d-{i}");
        }
    }

    /// <summary>Says things, each again with its key until there is an answer.</summary>
    private async Task CommandAsync(Person owner)
    {
        for (var i = 0; i < Messages; i++)
        {
            var floor = i * (Deltas - Ahead) / Messages;
            await received.UntilAsync(r => r.EventsOf(Stage.Talk).Any(e => (string?)e["id"] == $"d-{floor}") ? r : null);
            while (true)
            {
                try
                {
                    var answer = await owner.At(await running.Task).Api.PostAsync(
                        "/api/v1/conversations/talk/messages", new JsonObject { ["text"] = $"{i}" }, $"key-{i}");
                    answer.Ok();
                    break;
                }
                catch (Exception e) when (IsLoss(e))
                {
                }
            }
        }
    }

    /// <summary>Watches from the beginning, and goes on by its cursor whenever the connection was lost.</summary>
    private async Task WatchAsync(Person watcher, HubProtocol protocol, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await using var hub = await watcher.At(await running.Task).ConnectAsync(HubPaths.Events, protocol, received);
                var cursor = (string?)received.All.LastOrDefault(p => p.Method == "Events")?.Message["cursor"];
                var outcome = await hub.SubscribeAsync(Stage.Talk, cursor is null ? "earliest" : "cursor", cursor);
                ((string?)outcome["status"]).Should().Be(cursor is null ? "ok" : "resumed");
                await Task.WhenAny(hub.Closed, Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop));
            }
            catch (Exception e) when (IsLoss(e))
            {
            }
        }
    }

    private static bool IsLoss(Exception e) =>
        e is HttpRequestException or IOException or System.Net.WebSockets.WebSocketException or System.Net.Sockets.SocketException
            or OperationCanceledException { CancellationToken.IsCancellationRequested: false }
        || (e is InvalidOperationException && e.Message.Contains("connection", StringComparison.OrdinalIgnoreCase));
}
