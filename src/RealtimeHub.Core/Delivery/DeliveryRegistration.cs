using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using RealtimeHub.Core.Features.Sessions;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Telemetry;

namespace RealtimeHub.Core.Delivery;

/// <summary>Puts the delivery engine together.</summary>
public static class DeliveryRegistration
{
    /// <summary>The engine between the log and the transport's connections.</summary>
    public static IServiceCollection AddDelivery(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<DeliveryOptions>();
        services.TryAddSingleton<NodeCounters>();
        services.TryAddSingleton<CursorCheck>();
        services.AddSingleton<DeliveryMemory>();
        services.AddSingleton<LogPages>();
        services.TryAddSingleton<ISubscriptionObserver, NoObserver>();
        services.AddSingleton<FeedPorts>();
        services.AddSingleton<Feeds>();
        services.AddSingleton<ITopicWatchers>(s => s.GetRequiredService<Feeds>());
        services.AddSingleton<Connections>();
        services.AddSingleton<IDeliveryConnections>(s => s.GetRequiredService<Connections>());
        services.AddSingleton<SessionRevocations>();
        services.AddSingleton<ITailObserver>(s => s.GetRequiredService<SessionRevocations>());
        services.AddSingleton<TailRelay>();
        services.AddSingleton<INodeTail>(s => s.GetRequiredService<TailRelay>());
        services.AddSingleton<ITailObserver>(s => s.GetRequiredService<TailRelay>());
        services.AddSingleton<Tail>();
        services.AddSingleton<ISubscriptions, Subscriptions>();
        services.AddHostedService(s => s.GetRequiredService<Tail>());
        services.AddHostedService<Sweeper>();
        return services;
    }
}
