using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using RealtimeHub.Benchmarks.Feeding;
using RealtimeHub.Core;
using RealtimeHub.Core.Log;
using RealtimeHub.Nats;

namespace RealtimeHub.Benchmarks.Serving;

/// <summary>A SignalR hub as everybody would write it: topics are groups, an event is a message to a group.</summary>
internal sealed class BareRole : Role
{
    /// <summary>Where the hub is.</summary>
    public const string Path = "/hub";

    private static readonly TimeSpan TransportSendTimeout = TimeSpan.FromSeconds(60); // as ours has it

    /// <summary>The role of a hub that sends on what comes from JetStream.</summary>
    public const string Tailing = "tailing";

    private readonly WebApplication app;
    private readonly bool hasBackplane;

    /// <param name="redis">Where the backplane is; null: none.</param>
    /// <param name="nats">Where the stream is whose events are sent; null: they are sent by whoever makes them.</param>
    public BareRole(string? redis = null, string? nats = null)
    {
        hasBackplane = redis is not null;
        var builder = WebApplication.CreateBuilder(CommonSettings);
        var signalR = builder.Services.AddSignalR();
        if (redis is null)
        {
            signalR.AddMessagePackProtocol();
        }
        else
        {
            signalR.AddStackExchangeRedis(redis); // encodes for every protocol that the hub knows: only for the one in use here
        }

        if (nats is not null)
        {
            builder.Services.AddSingleton(new Limits()).AddSingleton(TimeProvider.System).AddNatsStorage(options => options.Url = nats).AddHostedService<GroupTail>();
        }

        builder.LogToStandardError();
        app = builder.Build();
        app.MapHub<BareHub>(Path, options => options.TransportSendTimeout = TransportSendTimeout);
    }

    public override Task<Uri> StartAsync() => app.StartOnFreePortAsync();

    public override IFeedTarget NewTarget() => new GroupTarget(app.Services.GetRequiredService<IHubContext<BareHub>>(), waits: !hasBackplane);

    public override IFeedTarget NewInsistentTarget()
    {
        var (hub, seq) = (app.Services.GetRequiredService<IHubContext<BareHub>>(), 0L);
        return new InsistentTarget((topic, timestamp) =>
        {
            var message = GroupTarget.Message(++seq, timestamp);
            return () => hub.Clients.Group(topic).SendAsync("Events", message, CancellationToken.None);
        });
    }

    public override async ValueTask DisposeAsync() => await app.DisposeAsync();
}

/// <summary>The bare hub.</summary>
internal sealed class BareHub : Hub
{
    /// <summary>Joins the groups.</summary>
    public async Task Subscribe(string[] topics)
    {
        foreach (var topic in topics)
        {
            await Groups.AddToGroupAsync(Context.ConnectionId, topic, Context.ConnectionAborted);
        }
    }
}

/// <summary>Sends each event of a stream to its group, as a node would that has no more to do.</summary>
internal sealed class GroupTail(IEventLog log, IHubContext<BareHub> hub) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var batch in log.TailAsync(0, stoppingToken))
        {
            foreach (var e in batch)
            {
                // What the event says is made anew from the moment that it was planned for, so that all hubs send the same.
                if (BenchEvent.StampIn(e.Body.Span) is { } timestamp)
                {
                    await hub.Clients.Group(e.Topic.Topic.Id).SendAsync("Events", GroupTarget.Message(e.Sequence, timestamp), stoppingToken);
                }
            }
        }
    }
}

/// <summary>Sends each event to its group. Where nothing is between, the send's end is the flow control that there is.</summary>
internal sealed class GroupTarget(IHubContext<BareHub> hub, bool waits) : IFeedTarget
{
    private static readonly BareActor Actor = new("system", "realtimehub");

    private long seq;
    private Task last = Task.CompletedTask;

    /// <summary>The event as it is sent.</summary>
    public static BareEvent Message(long seq, long timestamp)
    {
        var now = TimeProvider.System.GetUtcNow();
        return new BareEvent(seq, Contracts.Ids.New(now), BenchEvent.Type, now, Actor, new BareData(BenchEvent.Stamp(timestamp), BenchEvent.Text));
    }

    public ValueTask PublishAsync(string topic, long timestamp)
    {
        last = hub.Clients.Group(topic).SendAsync("Events", Message(++seq, timestamp));
        return waits || last.IsFaulted ? new ValueTask(last) : ValueTask.CompletedTask;
    }

    // The backplane takes messages in their order.
    public ValueTask FlushAsync() => new(last);
}
