using Microsoft.Extensions.DependencyInjection;
using RealtimeHub.Core.Leases;
using RealtimeHub.Core.Liveness;

namespace RealtimeHub.Core;

/// <summary>Says that this node is not alone.</summary>
public static class ManyNodesRegistration
{
    /// <summary>For nodes that share a log and documents: one of them at a time does what is done once for all, and knows the agents of each.</summary>
    /// <remarks>Before <c>AddProjections</c>, whose defaults are for a node that is alone.</remarks>
    public static IServiceCollection AddManyNodes(this IServiceCollection services)
    {
        services.AddSingleton<ILease, DocumentLease>();
        services.AddSingleton<AgentConnections>();
        services.AddHostedService<AgentReporter>();
        services.AddSingleton<ReportedAgents>();
        services.AddSingleton<ILeasedWork>(s => s.GetRequiredService<ReportedAgents>());
        services.AddSingleton<IAgentConnections, SharedAgentConnections>();
        return services;
    }
}
