using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using RealtimeHub.Core.Features.Audit;
using RealtimeHub.Core.Leases;
using RealtimeHub.Core.Liveness;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Projection;

/// <summary>Puts the projector together.</summary>
public static class ProjectionRegistration
{
    /// <summary>The projector and what it does, in the order in which it does it; and what else one node does for all. After <c>AddDelivery</c>, whose tail the projector then shares.</summary>
    public static IServiceCollection AddProjections(this IServiceCollection services)
    {
        services.AddSingleton<SystemEvents>();
        services.AddSingleton<RunDeadlines>();
        services.AddSingleton<IProjection, CopyProjection>();
        services.AddSingleton<IProjection, OpenItemsProjection>();
        services.AddSingleton<IProjection, ListProjection>();
        services.AddSingleton<IProjection, AuditProjection>();
        services.AddSingleton<IProjection>(s => s.GetRequiredService<RunDeadlines>());
        services.TryAddSingleton<LivenessOptions>();
        services.TryAddSingleton<AgentConnections>();
        services.TryAddSingleton<IAgentConnections>(s => s.GetRequiredService<AgentConnections>());
        services.AddSingleton<LivenessEvents>();
        services.AddSingleton<AgentLiveness>();
        services.AddSingleton<IProjection>(s => s.GetRequiredService<AgentLiveness>());
        services.TryAddSingleton<ProjectionOptions>();
        services.TryAddSingleton<INodeTail, UnsharedTail>();
        services.AddSingleton<Projector>();
        services.TryAddSingleton<RetentionOptions>();
        services.AddSingleton<DeltaRetention>();
        services.AddSingleton<EndedTopics>();
        services.AddSingleton<RemovedTopics>();
        services.AddHostedService(s => s.GetRequiredService<RemovedTopics>());
        services.AddSingleton<TopicRemover>();
        services.AddSingleton<ILeasedWork>(s => s.GetRequiredService<RunDeadlines>());
        services.AddSingleton<ILeasedWork>(s => s.GetRequiredService<AgentLiveness>());
        services.AddSingleton<ILeasedWork>(s => s.GetRequiredService<Projector>());
        services.AddSingleton<ILeasedWork>(s => s.GetRequiredService<DeltaRetention>());
        services.AddSingleton<ILeasedWork, TopicRetention>();
        services.AddSingleton<ILeasedWork, AuditRetention>();
        services.TryAddSingleton<ILease, SoleLease>();
        services.AddHostedService<LeaseHolder>();
        return services;
    }
}
