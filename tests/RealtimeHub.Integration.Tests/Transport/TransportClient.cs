using System.Text.Json.Nodes;
using System.Threading.Channels;
using MessagePack;
using MessagePack.Resolvers;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;

namespace RealtimeHub.Integration.Tests.Transport;

/// <summary>A stock client that speaks one hub protocol, seen through JSON trees.</summary>
internal sealed class TransportClient : IAsyncDisposable
{
    private readonly bool json;

    private readonly Channel<JsonNode?> events = Channel.CreateUnbounded<JsonNode?>();

    private readonly TaskCompletionSource closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly TaskCompletionSource reconnected = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private TransportClient(Uri hub, string protocol)
    {
        json = protocol == "json";
        var builder = new HubConnectionBuilder().WithUrl(hub).WithAutomaticReconnect([TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero]);
        if (!json)
        {
            builder.AddMessagePackProtocol(o => o.SerializerOptions =
                MessagePackSerializerOptions.Standard.WithResolver(ContractlessStandardResolver.Instance));
        }

        Connection = builder.Build();
        Connection.On("Events", [json ? typeof(JsonNode) : typeof(object)], arguments =>
        {
            events.Writer.TryWrite(Read(arguments[0]));
            return Task.CompletedTask;
        });
        Connection.On("Answer", () => "answered");
        Connection.Closed += _ =>
        {
            closed.TrySetResult();
            return Task.CompletedTask;
        };
        Connection.Reconnecting += _ =>
        {
            WasReconnecting = true;
            return Task.CompletedTask;
        };
        Connection.Reconnected += _ =>
        {
            reconnected.TrySetResult();
            return Task.CompletedTask;
        };
    }

    public HubConnection Connection { get; }

    public bool WasReconnecting { get; private set; }

    public Task Closed => Deadline.For(closed.Task);

    public Task Reconnected => Deadline.For(reconnected.Task);

    public static async Task<TransportClient> ConnectAsync(TransportServer server, string protocol)
    {
        var client = new TransportClient(server.Hub, protocol);
        await client.Connection.StartAsync(TestContext.Current.CancellationToken);
        return client;
    }

    public async Task<JsonNode?> InvokeAsync(string method, params JsonNode?[] arguments)
    {
        object?[] values = [.. arguments.Select(Value)];
        var result = await Deadline.For(Connection.InvokeCoreAsync(
            method, json ? typeof(JsonNode) : typeof(object), values, TestContext.Current.CancellationToken));
        return Read(result);
    }

    /// <summary>What the client's protocol takes for that tree.</summary>
    public object? Value(JsonNode? tree) => json ? tree : Trees.ToObject(tree);

    public Task<JsonNode?> NextEventsAsync() => Deadline.For(events.Reader.ReadAsync);

    public ValueTask DisposeAsync() => Connection.DisposeAsync();

    private JsonNode? Read(object? value) => json ? (JsonNode?)value : Trees.FromObject(value);
}
