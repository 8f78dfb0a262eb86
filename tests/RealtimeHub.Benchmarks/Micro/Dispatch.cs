using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using RealtimeHub.Contracts;
using RealtimeHub.Core;
using RealtimeHub.Core.Delivery;
using RealtimeHub.Core.Documents;
using RealtimeHub.Core.Folds;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Pipeline;
using RealtimeHub.Server.Delivery;
using RealtimeHub.Specification.InMemory;

namespace RealtimeHub.Benchmarks.Micro;

/// <summary>One event from a log in memory, over tail and feed, to connections that take everything at once.</summary>
public class Dispatch : IDisposable
{
    private readonly InMemoryEventLog log = new();
    private readonly Arrivals arrivals = new();
    private ServiceProvider services = null!;

    /// <summary>How many.</summary>
    [Params(1, 100, 1000)]
    public int Connections { get; set; }

    [GlobalSetup]
    public async Task ConnectAsync()
    {
        services = new ServiceCollection()
            .AddLogging()
            .AddSingleton<IEventLog>(log)
            .AddSingleton<IDocumentStore>(new InMemoryDocumentStore())
            .AddSingleton(new Limits())
            .AddFolds()
            .AddDelivery()
            .BuildServiceProvider();
        foreach (var service in services.GetServices<IHostedService>())
        {
            await service.StartAsync(CancellationToken.None);
        }

        var encoder = new JsonMessageEncoder();
        var request = new SubscriptionRequest { Topic = MicroEvents.Topic.Topic.ToString(), From = SubscribeFrom.Latest };
        for (var i = 0; i < Connections; i++)
        {
            var connection = new InstantConnection($"{i}", encoder, arrivals);
            services.GetRequiredService<IDeliveryConnections>().Connected(connection);
            var caller = new Caller
            {
                Tenant = MicroEvents.Topic.Tenant, Subject = Subject.User("reader"), Scopes = [Scopes.Admin, Scopes.ConversationsRead],
                Surface = Surface.EventsHub, ConnectionId = connection.ConnectionId,
            };
            if (i == 0)
            {
                await AppendAsync(); // an admin may see what exists
            }

            await services.GetRequiredService<ISubscriptions>().SubscribeAsync(caller, [request], CancellationToken.None);
        }
    }

    [Benchmark]
    public async Task Event()
    {
        var all = arrivals.Expect(Connections);
        await AppendAsync();
        await all;
    }

    [GlobalCleanup]
    public void Dispose()
    {
        services?.Dispose();
        GC.SuppressFinalize(this);
    }

    private Task<AppendResult> AppendAsync() => log.AppendAsync(MicroEvents.Topic, [BenchEvent.New(0)], expectedState: null, CancellationToken.None).AsTask();
}

/// <summary>Waits until all connections have been written to.</summary>
internal sealed class Arrivals
{
    private TaskCompletionSource done = new();
    private int missing;

    public Task Expect(int count)
    {
        done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref missing, count);
        return done.Task;
    }

    public void Count()
    {
        if (Interlocked.Decrement(ref missing) == 0)
        {
            done.SetResult();
        }
    }
}

/// <summary>A connection that takes every frame at once.</summary>
internal sealed class InstantConnection(string id, IMessageEncoder encoder, Arrivals arrivals) : IConnectionWriter
{
    public string ConnectionId => id;

    public IMessageEncoder Encoder => encoder;

    public ValueTask WriteAsync(Frame frame)
    {
        arrivals.Count();
        return ValueTask.CompletedTask;
    }

    public void End(bool allowReconnect)
    {
    }
}
