using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using RealtimeHub.Core.Delivery;
using RealtimeHub.Core.Documents;
using RealtimeHub.Core.Folds;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Telemetry;
using RealtimeHub.Specification;
using RealtimeHub.Specification.InMemory;

namespace RealtimeHub.Core.Tests.Delivery.Model;

/// <summary>A node's delivery engine, all of it on the current <see cref="SynchronizationContext"/>; nothing in it waits for a real clock.</summary>
internal sealed class ModelNode : IDisposable
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(500);

    private readonly ServiceProvider services;
    private readonly ErrorLog errors = new();

    // The tail's pauses have jitter in them: it has a clock of its own, which jumps over any of them.
    private readonly FakeTimeProvider tailTime = new(TestEvents.Time);

    public ModelNode(ModelTuning tuning)
    {
        Log = new ModelLog(tuning.TailBatch);
        services = new ServiceCollection()
            .AddSingleton<ILoggerFactory>(errors)
            .AddSingleton(typeof(ILogger<>), typeof(Logger<>))
            .AddSingleton<TimeProvider>(Time)
            .AddSingleton<IEventLog>(Log)
            .AddSingleton<IDocumentStore>(new InMemoryDocumentStore())
            .AddSingleton(tuning.ToOptions())
            .AddSingleton(new TopicFoldsOptions { CheckpointEvents = tuning.CheckpointEvents })
            .AddSingleton(new Limits { SubscriptionsPerConnection = tuning.MaxSubscriptions })
            .AddFolds()
            .AddDelivery()
            .AddSingleton(s => new Tail(Log.ForTail(era => NoticedLog?.Invoke(era)), s.GetRequiredService<Feeds>(), [], s.GetRequiredService<NodeCounters>(), tailTime,
                s.GetRequiredService<ILogger<Tail>>()))
            .BuildServiceProvider();
        Running = ExecuteAsync(services.GetRequiredService<Tail>(), CancellationToken.None);
    }

    public ModelLog Log { get; }

    public FakeTimeProvider Time { get; } = new(TestEvents.Time);

    /// <summary>Called when the tail has told the feeds of another log.</summary>
    public Action<int>? NoticedLog { get; set; }

    public ISubscriptions Subscriptions => services.GetRequiredService<ISubscriptions>();

    public IDeliveryConnections Connections => services.GetRequiredService<IDeliveryConnections>();

    /// <summary>Sequence of the last event that the tail has handed on.</summary>
    public long TailPosition => services.GetRequiredService<Tail>().Position;

    /// <summary>The tail's loop; it never ends.</summary>
    public Task Running { get; }

    /// <summary>What the engine logged as an error: it should never.</summary>
    public IReadOnlyCollection<string> Errors => errors.Entries;

    /// <summary>The tail makes its next attempt, if it waits for one.</summary>
    public void RetryTail() => tailTime.Advance(TimeSpan.FromSeconds(10));

    /// <summary>Lets time pass, and the engine look at the clock.</summary>
    public void PassTime(TimeSpan length)
    {
        for (var passed = TimeSpan.Zero; passed < length; passed += Step)
        {
            Time.Advance(Step);
            services.GetRequiredService<Connections>().EndStalled();
            services.GetRequiredService<Feeds>().Sweep();
        }

        RetryTail();
    }

    public void Dispose() => services.Dispose();

    // The host would start it on a thread of its own.
    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "ExecuteAsync")]
    private static extern Task ExecuteAsync(Tail tail, CancellationToken stoppingToken);
}
