using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;
using RealtimeHub.Benchmarks.Feeding;

namespace RealtimeHub.Benchmarks.Serving;

/// <summary>A SignalR hub as everybody would write it: topics are groups, an event is a message to a group.</summary>
internal sealed class BareRole : Role
{
    /// <summary>Where the hub is.</summary>
    public const string Path = "/hub";

    private static readonly TimeSpan TransportSendTimeout = TimeSpan.FromSeconds(60); // as ours has it

    private readonly WebApplication app;

    public BareRole()
    {
        var builder = WebApplication.CreateBuilder(CommonSettings);
        builder.Services.AddSignalR().AddMessagePackProtocol();
        builder.LogToStandardError();
        app = builder.Build();
        app.MapHub<BareHub>(Path, options => options.TransportSendTimeout = TransportSendTimeout);
    }

    public override Task<Uri> StartAsync() => app.StartOnFreePortAsync();

    public override IFeedTarget NewTarget() => new GroupTarget(app.Services.GetRequiredService<IHubContext<BareHub>>());

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

/// <summary>Sends each event to its group and waits until it is sent, which is the flow control that there is.</summary>
internal sealed class GroupTarget(IHubContext<BareHub> hub) : IFeedTarget
{
    private static readonly BareActor Actor = new("system", "realtimehub");

    private long seq;

    public ValueTask PublishAsync(string topic, long timestamp)
    {
        var now = TimeProvider.System.GetUtcNow();
        var message = new BareEvent(
            ++seq, Contracts.Ids.New(now), BenchEvent.Type, now, Actor, new BareData(BenchEvent.Stamp(timestamp), BenchEvent.Text));
        return new ValueTask(hub.Clients.Group(topic).SendAsync("Events", message));
    }

    public ValueTask FlushAsync() => ValueTask.CompletedTask;
}
