using FluentValidation;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using RealtimeHub.Core.Delivery;
using RealtimeHub.Core.Features.Audit;
using RealtimeHub.Core.Features.Lists;
using RealtimeHub.Core.Features.Presence;
using RealtimeHub.Core.Features.Publishing;
using RealtimeHub.Core.Features.Runs;
using RealtimeHub.Core.Liveness;
using RealtimeHub.Core.Projection;
using RealtimeHub.Core.Telemetry;

namespace RealtimeHub.Core.Pipeline;

/// <summary>Puts the pipeline together.</summary>
public static class PipelineRegistration
{
    /// <summary>The use cases of this assembly behind the behaviours, in the order in which a request meets them.</summary>
    public static IServiceCollection AddPipeline(this IServiceCollection services)
    {
        services.AddMediatR(options =>
        {
            options.RegisterServicesFromAssemblyContaining<UseCases>();
            options.TypeEvaluator = _ => false; // use cases are registered below, once each
            options.AddOpenBehavior(typeof(TelemetryBehaviour<,>));
            options.AddOpenBehavior(typeof(AuditBehaviour<,>));
            options.AddOpenBehavior(typeof(FaultBehaviour<,>));
            options.AddOpenBehavior(typeof(RateBehaviour<,>));
            options.AddOpenBehavior(typeof(ValidationBehaviour<,>));
            options.AddOpenBehavior(typeof(ScopeBehaviour<,>));
            options.AddOpenBehavior(typeof(ConcurrencyBehaviour<,>));
            options.AddOpenBehavior(typeof(KeyedEventBehaviour<,>));
            options.AddOpenBehavior(typeof(PermissionBehaviour<,>));
        });
        services.AddValidatorsFromAssemblyContaining<UseCases>(ServiceLifetime.Singleton, includeInternalTypes: true);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<RateLimits>();
        services.TryAddSingleton<NodeCounters>();
        services.TryAddSingleton<RetentionOptions>();
        services.AddSingleton<AuditTrail>();
        services.TryAddSingleton<IAuditTrail>(s => s.GetRequiredService<AuditTrail>());
        services.AddHostedService(s => s.GetRequiredService<AuditTrail>());
        services.AddSingleton<KeySightings>();
        services.AddSingleton<ITailObserver>(s => s.GetRequiredService<KeySightings>());
        services.AddSingleton<CommandPorts>();
        services.TryAddSingleton<IAgentConnections, AgentConnections>();
        services.AddSingleton<Publisher>();
        services.AddSingleton<RunHomes>();
        services.AddSingleton<ITailObserver>(s => s.GetRequiredService<RunHomes>());
        services.TryAddSingleton<ListIndexesOptions>();
        services.AddSingleton<ListIndexes>();
        services.AddPresence();
        services.AddHostedService<DeclarationCheck>();
        return UseCases.Register(services);
    }
}
