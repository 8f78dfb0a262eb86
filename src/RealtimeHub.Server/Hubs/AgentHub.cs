using RealtimeHub.Contracts;
using RealtimeHub.Core.Liveness;
using RealtimeHub.Core.Pipeline;
using RealtimeHub.Server.Admission;
using RealtimeHub.Server.Identity;

namespace RealtimeHub.Server.Hubs;

/// <summary>For agent runtimes and devices: subscriptions, and publishing.</summary>
internal sealed class AgentHub(HubAdapter adapter, StreamPublisher streams, IAgentConnections agents)
    : TopicHub<IAgentClient>(adapter, Surface.AgentHub)
{
    public Task<Reply<PublishResult>> PublishEvents(Body<PublishEvents> request) => Send<PublishEvents, PublishResult>(request);

    public Task<Reply<PublishResult>> PublishStream(string topic, string? agentId, IAsyncEnumerable<Body<PublishedEvent>> events) =>
        Adapter.WhileServing(() => streams.PublishAsync(
            topic, agentId, events, batch => Adapter.ContinueAsync<PublishEvents, PublishResult>(Context, Surface.AgentHub, batch), Context.ConnectionAborted));

    public override async Task OnConnectedAsync()
    {
        await base.OnConnectedAsync();
        var caller = CallerFactory.Create(Context.User!, Surface.AgentHub);
        if (Context.Features.Get<OverLimit>() is null && caller.Agents.Count > 0 && caller.Has(Scopes.EventsPublish))
        {
            Context.Features.Set(new PresentAgents(agents.Open(caller.Tenant, caller.Agents)));
        }
    }

    public override Task OnDisconnectedAsync(Exception? exception)
    {
        Context.Features.Get<PresentAgents>()?.Connection.Dispose();
        return base.OnDisconnectedAsync(exception);
    }

    /// <summary>The agents that are there because of this connection.</summary>
    private sealed record PresentAgents(IDisposable Connection);
}
