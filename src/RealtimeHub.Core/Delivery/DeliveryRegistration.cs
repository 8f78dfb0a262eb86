using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Delivery;

/// <summary>Puts the delivery engine together.</summary>
public static class DeliveryRegistration
{
    /// <summary>The engine between the log and the transport's connections.</summary>
    public static IServiceCollection AddDelivery(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<DeliveryOptions>();
        services.TryAddSingleton<CursorCheck>();
        services.AddSingleton<DeliveryMemory>();
        services.AddSingleton<LogPages>();
        services.AddSingleton<FeedPorts>();
        services.AddSingleton<Feeds>();
        services.AddSingleton<Connections>();
        services.AddSingleton<IDeliveryConnections>(s => s.GetRequiredService<Connections>());
        services.AddSingleton<Tail>();
        services.AddSingleton<ISubscriptions, Subscriptions>();
        services.AddHostedService(s => s.GetRequiredService<Tail>());
        services.AddHostedService<Sweeper>();
        return services;
    }
}
