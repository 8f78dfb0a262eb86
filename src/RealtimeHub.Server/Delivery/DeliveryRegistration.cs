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
    /// <param name="builder">Of the server's SignalR.</param>
    /// <param name="inner">The manager that it is handed by; SignalR's own for one node when not given.</param>
    /// <param name="sendsSignals">Whether anything is sent to its groups: it must not wait for slow connections then.</param>
    public static ISignalRServerBuilder AddDelivered<THub>(
        this ISignalRServerBuilder builder, Func<IServiceProvider, HubLifetimeManager<THub>>? inner = null, bool sendsSignals = false)
        where THub : Hub
    {
        inner ??= services => ActivatorUtilities.CreateInstance<DefaultHubLifetimeManager<THub>>(services);
        builder.Services.AddSingleton<HubLifetimeManager<THub>>(services => new DeliveryLifetimeManager<THub>(
            inner(services),
            services.GetRequiredService<IDeliveryConnections>(),
            services.GetServices<IMessageEncoder>(),
            services.GetRequiredService<TimeProvider>(),
            sendsSignals ? services.GetRequiredService<ILoggerFactory>() : null));
        return builder;
    }
}
