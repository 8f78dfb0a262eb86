using RealtimeHub.Contracts;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Server.Hubs;

/// <summary>For agent runtimes and devices: subscriptions, and publishing.</summary>
internal sealed class AgentHub(HubAdapter adapter, StreamPublisher streams) : TopicHub<IAgentClient>(adapter, Surface.AgentHub)
{
    public Task<Reply<PublishResult>> PublishEvents(Body<PublishEvents> request) => Send<PublishEvents, PublishResult>(request);

    public Task<Reply<PublishResult>> PublishStream(string topic, string? agentId, IAsyncEnumerable<Body<PublishedEvent>> events) =>
        Adapter.WhileServing(() => streams.PublishAsync(
            topic, agentId, events, batch => Adapter.ContinueAsync<PublishEvents, PublishResult>(Context, Surface.AgentHub, batch), Context.ConnectionAborted));
}
