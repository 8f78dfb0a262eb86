using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;
using RealtimeHub.Specification;

namespace RealtimeHub.Integration.Tests.Server;

/// <summary>The hub protocols.</summary>
public enum HubProtocol
{
    Json,
    MessagePack,
}

/// <summary>The stock .NET client on a hub; replies and pushes are JSON, whatever the protocol.</summary>
public sealed class HubClient : IAsyncDisposable
{
    private static readonly string[] Pushes = ["Snapshot", "Events", "SubscriptionChanged", "Closing", "PresenceChanged"];

    private readonly HubProtocol protocol;
    private readonly TaskCompletionSource<Exception?> closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private HubClient(HubConnection connection, HubProtocol protocol, Received received)
    {
        Connection = connection;
        Received = received;
        this.protocol = protocol;
        connection.Closed += e =>
        {
            closed.TrySetResult(e);
            return Task.CompletedTask;
        };
        foreach (var push in Pushes)
        {
            // The type is what the protocol makes of anything: a JSON element, or MessagePack's maps and lists.
            connection.On(push, [protocol == HubProtocol.Json ? typeof(JsonElement) : typeof(object)], arguments =>
            {
                Received.Add(new Push(push, WireValue.ToJson(arguments[0])!.AsObject()));
                return Task.CompletedTask;
            });
        }
    }

    /// <summary>The client itself.</summary>
    public HubConnection Connection { get; }

    /// <summary>What the server sent, in order.</summary>
    public Received Received { get; }

    /// <summary>Ends with the connection.</summary>
    public Task<Exception?> Closed => closed.Task;

    public static async Task<HubClient> ConnectAsync(
        Uri address, string hub, HubProtocol protocol, Func<Task<string>> token, bool reconnects = false, Received? received = null, bool negotiates = true,
        HttpTransportType transport = HttpTransportType.WebSockets)
    {
        var builder = new HubConnectionBuilder().WithUrl(new Uri(address, hub), transport, options =>
        {
            options.AccessTokenProvider = async () => await token();
            options.SkipNegotiation = !negotiates;
        });
        _ = protocol == HubProtocol.Json ? builder.AddJsonProtocol() : builder.AddMessagePackProtocol();
        if (reconnects)
        {
            builder.WithAutomaticReconnect();
        }

        var client = new HubClient(builder.Build(), protocol, received ?? new Received());
        await Deadline.Within(client.Connection.StartAsync(TestContext.Current.CancellationToken));
        return client;
    }

    /// <summary>Calls a method and answers its whole reply.</summary>
    public async Task<JsonObject> CallAsync(string method, params object?[] arguments) =>
        (await Deadline.Within(BeginAsync(method, arguments)))!.AsObject();

    /// <summary>Calls a method that must succeed, and answers its value.</summary>
    public async Task<JsonNode> OkAsync(string method, params object?[] arguments)
    {
        var reply = await CallAsync(method, arguments);
        ((bool)reply["ok"]!).Should().BeTrue("{0} was answered {1}", method, reply.ToJsonString());
        return reply["value"]!;
    }

    /// <summary>Calls a method without a deadline: a stream lasts as long as it lasts.</summary>
    public async Task<JsonNode?> BeginAsync(string method, params object?[] arguments)
    {
        var sent = arguments.Select(a => WireValue.FromJson(a, protocol)).ToArray();
        var type = protocol == HubProtocol.Json ? typeof(JsonElement) : typeof(object);
        return WireValue.ToJson(await Connection.InvokeCoreAsync(method, type, sent, TestContext.Current.CancellationToken));
    }

    /// <summary>Publishes a stream and answers the reply that comes at its end.</summary>
    public async Task<JsonObject> PublishStreamAsync(string? topic, string? agentId, IAsyncEnumerable<JsonNode?> events) =>
        (await BeginAsync("PublishStream", topic, agentId, events))!.AsObject();

    /// <summary>Watches one topic; the subscription must begin as asked.</summary>
    public async Task<JsonObject> SubscribeAsync(string topic, string from = "latest", string? cursor = null, string? reference = null)
    {
        var request = new JsonObject { ["topic"] = topic, ["from"] = from };
        if (cursor is not null)
        {
            request["cursor"] = cursor;
        }

        if (reference is not null)
        {
            request["ref"] = reference;
        }

        var value = await OkAsync("Subscribe", new JsonObject { ["subscriptions"] = new JsonArray(request) });
        return value["subscriptions"]!.AsArray().Single()!.AsObject();
    }

    public async ValueTask DisposeAsync() => await Connection.DisposeAsync();
}
