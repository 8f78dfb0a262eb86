using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection.Extensions;
using RealtimeHub.Core.Delivery;

namespace RealtimeHub.Server.Delivery;

/// <summary>Joins SignalR to the delivery engine, whose <see cref="IDeliveryConnections"/> somebody else registers.</summary>
internal static class DeliveryRegistration
{
    /// <summary>What every delivered hub needs: an encoder for each protocol.</summary>
    public static ISignalRServerBuilder AddDeliveryTransport(this ISignalRServerBuilder builder)
    {
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IMessageEncoder, JsonMessageEncoder>());
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IMessageEncoder, MessagePackMessageEncoder>());
        return builder;
    }

    /// <summary>Hands a hub's connections to the engine.</summary>
    /// <remarks>Registered for the one hub, it wins over the open generic manager, also over that of a backplane.</remarks>
    public static ISignalRServerBuilder AddDelivered<THub>(this ISignalRServerBuilder builder)
        where THub : Hub
    {
        builder.Services.AddSingleton<HubLifetimeManager<THub>>(services => new DeliveryLifetimeManager<THub>(
            ActivatorUtilities.CreateInstance<DefaultHubLifetimeManager<THub>>(services),
            services.GetRequiredService<IDeliveryConnections>(),
            services.GetServices<IMessageEncoder>(),
            services.GetRequiredService<TimeProvider>()));
        return builder;
    }
}
