using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace RealtimeHub.Core.Projection;

/// <summary>Puts the projector together.</summary>
public static class ProjectionRegistration
{
    /// <summary>The projector and what it does, in the order in which it does it.</summary>
    public static IServiceCollection AddProjections(this IServiceCollection services)
    {
        services.AddSingleton<SystemEvents>();
        services.AddSingleton<RunDeadlines>();
        services.AddSingleton<IProjection, CopyProjection>();
        services.AddSingleton<IProjection, OpenItemsProjection>();
        services.AddSingleton<IProjection, ListProjection>();
        services.AddSingleton<IProjection>(s => s.GetRequiredService<RunDeadlines>());
        services.TryAddSingleton<ProjectionOptions>();
        services.AddSingleton<Projector>();
        services.AddHostedService(s => s.GetRequiredService<RunDeadlines>());
        services.AddHostedService(s => s.GetRequiredService<Projector>());
        services.TryAddSingleton<RetentionOptions>();
        services.AddHostedService<DeltaRetention>();
        return services;
    }
}
