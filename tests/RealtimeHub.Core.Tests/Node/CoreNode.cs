using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NSubstitute;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Delivery;
using RealtimeHub.Core.Documents;
using RealtimeHub.Core.Folds;
using RealtimeHub.Core.Liveness;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Pipeline;
using RealtimeHub.Core.Projection;
using RealtimeHub.Core.Telemetry;
using RealtimeHub.Specification;
using RealtimeHub.Specification.InMemory;

namespace RealtimeHub.Core.Tests.Node;

/// <summary>A node without a transport: the pipeline, the folds and the projector on in-memory ports and a fake clock.</summary>
internal sealed class CoreNode : IAsyncDisposable
{
    private readonly ServiceProvider services;
    private readonly Signal changed = new();
    private readonly LogRecords records = new();
    private IReadOnlyList<IHostedService> running = [];

    /// <summary>A node of its own, or one more on the ports of another: what it becomes after a restart, or its twin.</summary>
    public CoreNode(CoreNode? before = null, Action<IServiceCollection>? configure = null)
    {
        changed = before?.changed ?? new Signal();
        Time = before?.Time ?? new WatchedTime(TestEvents.Time, changed);
        Log = before?.Log ?? new InMemoryEventLog(time: Time);
        Documents = before?.Documents ?? new InMemoryDocumentStore();
        var collection = new ServiceCollection();
        collection.AddSingleton<IEventLog>(new WatchedLog(Log, changed));
        collection.AddSingleton<IDocumentStore>(new WatchedDocuments(Documents, changed));
        collection.AddSingleton<TimeProvider>(Time);
        collection.AddSingleton(Limits);
        collection.AddSingleton(Retention);
        Agents = new WatchedAgents(Time, changed);
        collection.AddSingleton<IAgentConnections>(Agents);
        collection.AddSingleton(Substitute.For<ISubscriptions>());
        collection.AddSingleton(Delivery);
        collection.AddSingleton(new NodeIdentity("node-1", "1.2.3", Time.GetUtcNow()));
        collection.AddSingleton<NodeSampler>();
        collection.AddSingleton<IAuditTrail>(Audit);
        collection.AddSingleton(records);
        collection.AddSingleton(typeof(ILogger<>), typeof(RecordingLogger<>));
        collection.AddSingleton(new ProjectionOptions { FlushEvery = TimeSpan.Zero }); // the clock stands still
        collection.AddFolds().AddPipeline().AddProjections();
        configure?.Invoke(collection);
        services = collection.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });
    }

    public InMemoryEventLog Log { get; }

    public InMemoryDocumentStore Documents { get; }

    public WatchedTime Time { get; }

    /// <summary>Without rates: the clock stands still, and nobody's share would ever grow again.</summary>
    public Limits Limits { get; } = new() { CommandsPerSecond = 0, PublishedEventsPerSecond = 0, HistoryReadsPerSecond = 0 };

    /// <summary>The agents' hub connections.</summary>
    public WatchedAgents Agents { get; }

    public RetentionOptions Retention { get; } = new();

    public IDeliveryLoad Delivery { get; } = Substitute.For<IDeliveryLoad>();

    public RecordingAudit Audit { get; } = new();

    /// <summary>What went wrong on the node's own side.</summary>
    public IEnumerable<string> Errors => records.Errors;

    /// <summary>What its operator should look at.</summary>
    public IEnumerable<string> Warnings => records.Warnings;

    public T Get<T>()
        where T : notnull => services.GetRequiredService<T>();

    /// <summary>Sends a request exactly as the caller has it, surface and all.</summary>
    public async Task<Reply<TValue>> SendAsync<TRequest, TValue>(Caller caller, TRequest request)
        where TRequest : notnull
    {
        var reply = await Get<ISender>().Send(new Call<TRequest, TValue>(caller, request), TestContext.Current.CancellationToken);
        reply.Error?.Code.Should().NotBe(ErrorCode.Internal, because: string.Join('\n', Errors));
        return reply;
    }

    /// <summary>The topic's fold as it is now.</summary>
    public async Task<TopicFold> FoldAsync(Topic topic, string tenant = Callers.Tenant) =>
        await Get<ITopicFolds>().GetAsync(new TopicKey(tenant, topic), TestContext.Current.CancellationToken);

    /// <summary>The topic's events, in order.</summary>
    public IReadOnlyList<StoredEvent> EventsOf(Topic topic, string tenant = Callers.Tenant) =>
        [.. Log.Events.Where(e => e.Topic == new TopicKey(tenant, topic))];

    /// <summary>Starts what runs in the background: the projector, the deadlines of runs, the liveness of agents and the retention of deltas.</summary>
    public async Task StartAsync()
    {
        var timers = Time.Timers;
        running = [.. services.GetServices<IHostedService>()];
        foreach (var service in running)
        {
            await service.StartAsync(TestContext.Current.CancellationToken);
        }

        // A background service begins on another thread: without its timer it would not see the clock move.
        var waiting = timers + 4 + (Retention.DeltaHours > 0 ? 1 : 0) + (Retention.EndedDays > 0 ? 1 : 0);
        await changed.UntilAsync(() => Time.Timers >= waiting);
    }

    public async Task StopAsync()
    {
        foreach (var service in running.Reverse())
        {
            await service.StopAsync(CancellationToken.None);
        }

        running = [];
    }

    /// <summary>Returns once the condition holds; it is looked at whenever something was written.</summary>
    public Task UntilAsync(Func<bool> condition) => changed.UntilAsync(condition);

    /// <summary>Returns once the condition holds; it is looked at whenever something was written.</summary>
    public Task UntilAsync(Func<ValueTask<bool>> condition) => changed.UntilAsync(condition);

    /// <summary>Returns once the projector has dealt with everything in the log, what itself added included.</summary>
    public Task ProjectedAsync() => UntilAsync(() => PositionOf(Documents) == (Log.Events is [.., var last] ? last.Sequence : 0));

    /// <summary>Lets time pass, and waits until an event of the type is in the topic.</summary>
    public async Task<StoredEvent> PassAsync(TimeSpan time, Topic topic, string type)
    {
        Time.Advance(time);
        await UntilAsync(() => EventsOf(topic).Any(e => e.Type == type));
        return EventsOf(topic).Single(e => e.Type == type);
    }

    /// <summary>Lets time pass, and waits until it was looked which agents are there, with the clock there. Takes up to a second more.</summary>
    public async Task PassUntilLookedAsync(TimeSpan time)
    {
        // A look that is under way may still see the old time; the third one begins when the second one, which does not, is through.
        var period = Get<LivenessOptions>().Period;
        foreach (var step in (TimeSpan[])[time < period ? period : time, period, period])
        {
            var looks = Agents.Looks;
            Time.Advance(step);
            await UntilAsync(() => Agents.Looks > looks);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await services.DisposeAsync();
    }

    // Reads of the in-memory store are answered at once.
    private static long PositionOf(InMemoryDocumentStore documents)
    {
        var document = documents.GetAsync("projector.position", CancellationToken.None);
        return document is { IsCompletedSuccessfully: true, Result: { } found }
            ? System.Text.Json.JsonSerializer.Deserialize(found.Value.Span, ProjectionJsonContext.Default.ProjectorPosition)!.Sequence
            : 0;
    }
}
