using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;
using RealtimeHub.Integration.Tests.Server;
using RealtimeHub.Specification;

namespace RealtimeHub.Integration.Tests.BadClients;

/// <summary>Somebody who watches a topic with a stock client, and must notice nothing.</summary>
internal sealed class GoodClient : IAsyncDisposable
{
    private readonly HubConnection connection;
    private readonly Lock gate = new();
    private readonly List<string> stateEvents = [];
    private readonly List<string> complaints = [];
    private readonly Dictionary<string, int> texts = new(StringComparer.Ordinal);
    private readonly List<(long Sequence, TaskCompletionSource Reached)> waiting = [];
    private long last;
    private long heardAt = TimeProvider.System.GetTimestamp();

    private GoodClient(HubConnection connection, HubProtocol protocol)
    {
        this.connection = connection;
        connection.KeepAliveInterval = TimeSpan.FromSeconds(1); // often enough for a server with short patience
        connection.Closed += e =>
        {
            Complain($"the connection ended: {e?.Message}");
            return Task.CompletedTask;
        };
        foreach (var push in (string[])["Snapshot", "SubscriptionChanged", "Closing"])
        {
            On(push, message => Complain($"{push} {message.ToJsonString()}"));
        }

        On("Events", Take);

        void On(string push, Action<JsonObject> take) =>
            connection.On(push, [protocol == HubProtocol.Json ? typeof(JsonElement) : typeof(object)], arguments =>
            {
                take(WireValue.ToJson(arguments[0])!.AsObject());
                return Task.CompletedTask;
            });
    }

    /// <summary>The state events in the order of their arrival: sequence and id.</summary>
    public IReadOnlyList<string> StateEvents => Locked<IReadOnlyList<string>>(() => [.. stateEvents]);

    /// <summary>What was not as it should be.</summary>
    public IReadOnlyList<string> Complaints => Locked<IReadOnlyList<string>>(() => [.. complaints]);

    /// <summary>The longest time between two messages.</summary>
    public TimeSpan LongestSilence { get; private set; }

    public static string Name(JsonObject e) => $"{e["seq"]} {e["id"]}";

    public static bool IsDelta(JsonObject e) => ((string)e["type"]!).EndsWith("delta", StringComparison.Ordinal);

    /// <summary>Watches the whole of a topic.</summary>
    public static async Task<GoodClient> WatchAsync(Person person, string hub, HubProtocol protocol, string topic)
    {
        var builder = new HubConnectionBuilder().WithUrl(
            new Uri(person.Address, hub), HttpTransportType.WebSockets, options => options.AccessTokenProvider = () => Task.FromResult<string?>(person.Token));
        _ = protocol == HubProtocol.Json ? builder.AddJsonProtocol() : builder.AddMessagePackProtocol();
        var client = new GoodClient(builder.Build(), protocol);
        await Deadline.Within(client.connection.StartAsync(TestContext.Current.CancellationToken));
        var request = Json.Object($$"""{ "subscriptions": [{ "topic": "{{topic}}", "from": "earliest" }] }""");
        var type = protocol == HubProtocol.Json ? typeof(JsonElement) : typeof(object);
        var reply = WireValue.ToJson(await Deadline.Within(client.connection.InvokeCoreAsync(
            "Subscribe", type, [WireValue.FromJson(request, protocol)], TestContext.Current.CancellationToken)));
        ((string?)reply!["value"]!["subscriptions"]![0]!["status"]).Should().Be("ok");
        return client;
    }

    /// <summary>Waits until the event with that sequence came.</summary>
    public Task ReachedAsync(long sequence)
    {
        lock (gate)
        {
            if (last >= sequence)
            {
                return Task.CompletedTask;
            }

            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            waiting.Add((sequence, reached));
            return Deadline.Within(reached.Task);
        }
    }

    public ValueTask DisposeAsync() => connection.DisposeAsync();

    private void Take(JsonObject message)
    {
        lock (gate)
        {
            var silence = TimeProvider.System.GetElapsedTime(heardAt);
            LongestSilence = silence > LongestSilence ? silence : LongestSilence;
            heardAt = TimeProvider.System.GetTimestamp();
            foreach (var e in message["events"]!.AsArray())
            {
                Take(e!.AsObject(), (long)e["seq"]!);
            }

            foreach (var wait in waiting.FindAll(w => w.Sequence <= last))
            {
                wait.Reached.TrySetResult();
            }

            waiting.RemoveAll(w => w.Sequence <= last);
        }
    }

    private void Take(JsonObject e, long sequence)
    {
        if (sequence <= last)
        {
            complaints.Add($"{Name(e)} came after {last}");
        }

        last = sequence;
        if (!IsDelta(e))
        {
            stateEvents.Add(Name(e));
            return;
        }

        var (message, offset) = ((string)e["data"]!["messageId"]!, (int)e["data"]!["offset"]!);
        if (offset != texts.GetValueOrDefault(message))
        {
            complaints.Add($"a hole in {message}: offset {offset} after {texts.GetValueOrDefault(message)}");
        }

        texts[message] = offset + ((string)e["data"]!["text"]!).Length;
    }

    private void Complain(string what)
    {
        lock (gate)
        {
            complaints.Add(what);
        }
    }

    private T Locked<T>(Func<T> read)
    {
        lock (gate)
        {
            return read();
        }
    }
}
