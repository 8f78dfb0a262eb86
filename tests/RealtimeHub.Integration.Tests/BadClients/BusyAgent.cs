using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using RealtimeHub.Contracts;
using RealtimeHub.Integration.Tests.Hubs;
using RealtimeHub.Integration.Tests.Server;
using RealtimeHub.Specification;

namespace RealtimeHub.Integration.Tests.BadClients;

/// <summary>An agent that writes message after message into the conversation, an event every 10 ms, until it is stopped.</summary>
internal sealed class BusyAgent : IAsyncDisposable
{
    private const int DeltasPerMessage = 10;

    private readonly CancellationTokenSource stopping = new();
    private readonly TaskCompletionSource warm = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HubClient hub;
    private readonly Task<JsonObject> reply;
    private int published;

    private BusyAgent(HubClient hub, string run)
    {
        this.hub = hub;
        reply = hub.PublishStreamAsync(Stage.Talk, "writer", WriteAsync(run, TestContext.Current.CancellationToken));
    }

    public static async Task<BusyAgent> StartAsync(Person runtime, string run) => new(await runtime.ConnectAsync(HubPaths.Agent), run);

    /// <summary>Waits until it has written for two seconds at least, so that no test is over before anybody could have noticed anything.</summary>
    public Task WarmAsync() => Deadline.Within(warm.Task);

    /// <summary>Has it end its stream; everything that it wrote must have been stored.</summary>
    public async Task StopAsync()
    {
        await stopping.CancelAsync();
        var answer = await Deadline.Within(reply);
        ((bool?)answer["ok"], (int?)answer["value"]?["stored"]).Should().Be((true, published), answer.ToJsonString());
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await hub.DisposeAsync();
        stopping.Dispose();
    }

    private async IAsyncEnumerable<JsonNode?> WriteAsync(string run, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        foreach (var e in Messages(run))
        {
            yield return e;
            published++;
            if (published == 200)
            {
                warm.TrySetResult();
            }

            if (stopping.IsCancellationRequested || !await pace.WaitForNextTickAsync(cancellationToken))
            {
                yield break;
            }
        }
    }

    private static IEnumerable<JsonObject> Messages(string run)
    {
        for (var number = 0; ; number++)
        {
            var message = $"m-{number}";
            yield return Stage.Event(run, EventTypes.MessageStarted, $$"""{ "messageId": "{{message}}", "role": "assistant" }""");
            for (var delta = 0; delta < DeltasPerMessage; delta++)
            {
                yield return Stage.Event(run, EventTypes.MessageDelta, $$"""{ "messageId": "{{message}}", "text": "word ", "offset": {{delta * 5}} }""");
            }

            var text = string.Concat(Enumerable.Repeat("word ", DeltasPerMessage));
            yield return Stage.Event(run, EventTypes.MessageCompleted, $$"""{ "messageId": "{{message}}", "text": "{{text}}" }""");
            yield return Stage.Event(run, "custom.progress", $$"""{ "messages": {{number}} }""");
        }
    }
}
