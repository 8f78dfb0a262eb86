using System.Diagnostics;
using System.Text.Json.Nodes;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Pipeline;
using RealtimeHub.Integration.Tests.Hubs;
using RealtimeHub.Integration.Tests.Server;

namespace RealtimeHub.Integration.Tests.Telemetry;

/// <summary>The trace of a call reaches whoever is delivered its event, whether or not the server itself is traced.</summary>
public sealed class TraceTests(ServerFixture server) : IClassFixture<ServerFixture>, IDisposable
{
    private const string Client = "Microsoft.AspNetCore.SignalR.Client";
    private const string HubCalls = "Microsoft.AspNetCore.SignalR.Server";

    private readonly List<ActivityListener> listeners = [];
    private readonly List<Activity> spans = [];

    public static TheoryData<HubProtocol, bool> Cases => new()
    {
        { HubProtocol.Json, false }, { HubProtocol.Json, true }, { HubProtocol.MessagePack, false }, { HubProtocol.MessagePack, true },
    };

    public void Dispose() => listeners.ForEach(l => l.Dispose());

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Http_Traceparent_IsTheDeliveredEvents(bool traced)
    {
        Listen(traced);
        var stage = await Stage.SetAsync(server);
        await using var watcher = await stage.Mia.ConnectAsync(HubPaths.Events);
        await watcher.SubscribeAsync(Stage.Talk);
        var trace = ActivityTraceId.CreateRandom().ToHexString();
        var traceparent = $"00-{trace}-00f067aa0ba902b7-01";

        await stage.Olga.Api.SendAsync(
            HttpMethod.Post, "/api/v1/conversations/talk/messages", JsonContent("""{ "text": "x" }"""), ("traceparent", traceparent));

        TraceOf(await watcher.Received.EventAsync(Stage.Talk, EventTypes.MessageCreated)).Should().Be(trace);
        if (traced)
        {
            Names(trace).Should().Contain(["SendMessage", "append"]);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Hub_CallInAnActivity_IsTheDeliveredEvents(HubProtocol protocol, bool traced)
    {
        Listen(traced);
        Listen(true, Client);
        var stage = await Stage.SetAsync(server);
        await using var hub = await stage.Olga.ConnectAsync(HubPaths.Operator, protocol);
        await hub.SubscribeAsync(Stage.Talk);
        using var activity = new Activity("operator").Start();

        await hub.OkAsync("SendMessage", Json.Object("""{ "conversationId": "talk", "text": "x" }"""));

        TraceOf(await hub.Received.EventAsync(Stage.Talk, EventTypes.MessageCreated)).Should().Be(activity.TraceId.ToHexString());
        if (traced)
        {
            Names(activity.TraceId.ToHexString()).Should().Contain(["SendMessage", "append"]);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Publishing_InAnActivity_IsTheDeliveredEvents(HubProtocol protocol, bool traced)
    {
        Listen(traced);
        Listen(true, Client);
        var stage = await Stage.SetAsync(server);
        var run = await stage.StartRunAsync();
        await using var watcher = await stage.Mia.ConnectAsync(HubPaths.Events, protocol);
        await watcher.SubscribeAsync(Stage.Talk);
        await using var hub = await stage.Wren.ConnectAsync(HubPaths.Agent, protocol);
        using var activity = new Activity("agent").Start();

        await hub.OkAsync("PublishEvents", new JsonObject
        {
            ["topic"] = Stage.Talk,
            ["events"] = new JsonArray(Stage.Event(run, "message.started", """{ "messageId": "m", "role": "assistant" }""")),
        });
        await hub.PublishStreamAsync(Stage.Talk, "writer", new JsonNode?[] { Stage.Event(run, "message.delta", """{ "messageId": "m", "text": "a" }""") }.ToAsyncEnumerable());

        foreach (var type in (string[])["message.started", "message.delta"])
        {
            TraceOf(await watcher.Received.EventAsync(Stage.Talk, type)).Should().Be(activity.TraceId.ToHexString(), type);
        }
    }

    [Fact]
    public async Task Publishing_EventsOwnTraceparent_Wins()
    {
        var stage = await Stage.SetAsync(server);
        var run = await stage.StartRunAsync();
        var trace = ActivityTraceId.CreateRandom().ToHexString();
        var e = Stage.Event(run, "message.started", """{ "messageId": "m", "role": "assistant" }""");
        e["traceparent"] = $"00-{trace}-00f067aa0ba902b7-00";

        await stage.PublishAsync(e);

        TraceOf((await stage.Mia.HistoryAsync(Stage.Talk))[^1]).Should().Be(trace);
    }

    [Fact]
    public async Task Http_WithoutATraceparent_MakesNone()
    {
        var stage = await Stage.SetAsync(server);
        await stage.SayAsync("x");

        (await stage.Mia.HistoryAsync(Stage.Talk))[^1].ContainsKey("traceparent").Should().BeFalse();
    }

    private static StringContent JsonContent(string json) => new(json, System.Text.Encoding.UTF8, "application/json");

    private static string? TraceOf(JsonObject e) => ((string?)e["traceparent"])?.Split('-')[1];

    private List<string> Names(string trace)
    {
        lock (spans)
        {
            return [.. spans.Where(s => s.TraceId.ToHexString() == trace).Select(s => s.OperationName)];
        }
    }

    // As the collector of a traced server does.
    private void Listen(bool traced)
    {
        if (traced)
        {
            Listen(true, PipelineTelemetry.Name, HubCalls, "Microsoft.AspNetCore");
        }
    }

    private void Listen(bool listen, params string[] sources)
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = source => listen && sources.Contains(source.Name),
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                lock (spans)
                {
                    spans.Add(activity);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        listeners.Add(listener);
    }
}
