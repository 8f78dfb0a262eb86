using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Delivery;
using RealtimeHub.Core.Documents;
using RealtimeHub.Core.Folds;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Pipeline;
using RealtimeHub.Specification;
using RealtimeHub.Specification.InMemory;

namespace RealtimeHub.Core.Tests.Delivery;

/// <summary>A node's delivery engine on a log in memory, with a clock that the test owns.</summary>
internal sealed class DeliveryNode : IAsyncDisposable
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(250);

    private readonly ServiceProvider services;
    private readonly ErrorLog errors = new();
    private int lastConnection;

    private DeliveryNode(DeliveryOptions options, Limits limits, InMemoryEventLog log)
    {
        (Options, Log, HeldLog) = (options, log, new HeldTailLog(log));
        services = new ServiceCollection()
            .AddSingleton<ILoggerFactory>(errors)
            .AddSingleton(typeof(ILogger<>), typeof(Logger<>))
            .AddSingleton<TimeProvider>(Time)
            .AddSingleton<IEventLog>(HeldLog)
            .AddSingleton<IDocumentStore>(new InMemoryDocumentStore())
            .AddSingleton(options)
            .AddSingleton(limits)
            .AddFolds()
            .AddDelivery()
            .BuildServiceProvider(validateScopes: true);
    }

    public DeliveryOptions Options { get; }

    public InMemoryEventLog Log { get; }

    /// <summary>The log as the node sees it.</summary>
    public HeldTailLog HeldLog { get; }

    public FakeTimeProvider Time { get; } = new(TestEvents.Time);

    /// <summary>The protocol that clients speak who say nothing else.</summary>
    public TestEncoder Json { get; } = new("json");

    /// <summary>A second protocol.</summary>
    public TestEncoder MessagePack { get; } = new("messagepack");

    public ISubscriptions Subscriptions => services.GetRequiredService<ISubscriptions>();

    public IDeliveryConnections Connections => services.GetRequiredService<IDeliveryConnections>();

    public ITopicFolds Folds => services.GetRequiredService<ITopicFolds>();

    public Feeds Feeds => services.GetRequiredService<Feeds>();

    public Tail Tail => services.GetRequiredService<Tail>();

    public DeliveryMemory Memory => services.GetRequiredService<DeliveryMemory>();

    public LogPages Pages => services.GetRequiredService<LogPages>();

    /// <summary>What the engine logged as an error: it should never.</summary>
    public IReadOnlyCollection<string> Errors => errors.Entries;

    public static async Task<DeliveryNode> StartAsync(Action<DeliveryOptions>? tune = null, int? maxSubscriptions = null, InMemoryEventLog? log = null)
    {
        var (options, limits) = (new DeliveryOptions(), new Limits());
        tune?.Invoke(options);
        limits.SubscriptionsPerConnection = maxSubscriptions ?? limits.SubscriptionsPerConnection;
        var node = new DeliveryNode(options, limits, log ?? new InMemoryEventLog());
        foreach (var service in node.services.GetServices<IHostedService>())
        {
            await service.StartAsync(TestContext.Current.CancellationToken);
        }

        return node;
    }

    /// <summary>A conversation to write to.</summary>
    public ConversationScript Conversation(string id = "c1", string tenant = "acme") => new(Log, id, tenant);

    /// <summary>A client that is a user.</summary>
    public TestClient Connect(string user = "ada", TestEncoder? encoder = null, string[]? scopes = null, string tenant = "acme") =>
        Connect(Subject.User(user), scopes ?? [Scopes.ConversationsRead], [], encoder, tenant);

    /// <summary>A client that is an agent's runtime.</summary>
    public TestClient ConnectAgent(string agent = "writer") => Connect(Subject.Agent(agent), [Scopes.EventsPublish], [agent]);

    /// <summary>Waits until the tail has handed that event to its feed.</summary>
    public async Task TailAt(long sequence)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (Tail.Position < sequence && TimeProvider.System.GetElapsedTime(started) < Deadline.Length)
        {
            await Task.Yield();
        }
    }

    /// <summary>Lets time pass; the engine has been asked to look at the clock when this returns.</summary>
    public void PassTime(TimeSpan length)
    {
        for (var passed = TimeSpan.Zero; passed < length; passed += Step)
        {
            Time.Advance(Step);
            services.GetRequiredService<Connections>().EndStalled();
            Feeds.Sweep();
        }
    }

    /// <summary>Lets time pass until the predicate holds; only the engine's own timers look at the clock.</summary>
    public async Task PassTimeUntil(Func<bool> predicate)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!predicate())
        {
            if (TimeProvider.System.GetElapsedTime(started) > Deadline.Length)
            {
                throw new TimeoutException("However much time passes, it does not happen.");
            }

            Time.Advance(Step);
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var service in services.GetServices<IHostedService>())
        {
            await service.StopAsync(CancellationToken.None);
        }

        await services.DisposeAsync();
    }

    private TestClient Connect(Subject subject, string[] scopes, string[] agents, TestEncoder? encoder = null, string tenant = "acme")
    {
        var connection = new FakeConnection($"connection-{++lastConnection}", encoder ?? Json)
        {
            Diagnosis = () => string.Join('\n', Errors),
        };
        Connections.Connected(connection);
        return new TestClient(this, connection, new Caller
        {
            Tenant = tenant, Subject = subject, Scopes = [.. scopes], Agents = [.. agents], Surface = Surface.EventsHub,
            ConnectionId = connection.ConnectionId,
        });
    }
}

/// <summary>A client of a <see cref="DeliveryNode"/>.</summary>
internal sealed record TestClient(DeliveryNode Node, FakeConnection Connection, Caller Caller)
{
    public async Task<SubscriptionOutcome> SubscribeAsync(
        ConversationScript conversation, SubscribeFrom from = SubscribeFrom.Latest, string? cursor = null, string? reference = null) =>
        await SubscribeAsync(conversation.Topic, from, cursor, reference);

    public async Task<SubscriptionOutcome> SubscribeAsync(
        string topic, SubscribeFrom from = SubscribeFrom.Latest, string? cursor = null, string? reference = null)
    {
        var request = new SubscriptionRequest { Topic = topic, From = from, Cursor = cursor, Ref = reference };
        var outcomes = await Deadline.Within(Node.Subscriptions.SubscribeAsync(Caller, [request], TestContext.Current.CancellationToken).AsTask());
        return outcomes.Single();
    }

    /// <summary>Goes on after a cursor.</summary>
    public Task<SubscriptionOutcome> ResumeAsync(ConversationScript conversation, string? cursor) =>
        SubscribeAsync(conversation, SubscribeFrom.Cursor, cursor);

    public Task UnsubscribeAsync(params ConversationScript[] conversations) => Deadline.Within(
        Node.Subscriptions.UnsubscribeAsync(Caller, [.. conversations.Select(c => c.Key.Topic)], TestContext.Current.CancellationToken).AsTask());

    public void Disconnect()
    {
        Connection.Break();
        Node.Connections.Disconnected(Connection.ConnectionId);
    }
}
