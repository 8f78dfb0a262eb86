using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using RealtimeHub.Core.Delivery;
using RealtimeHub.Core.Features.Status;

namespace RealtimeHub.Core.Features.Presence;

/// <summary>Puts presence together.</summary>
internal static class PresenceRegistration
{
    /// <summary>Presence in memory and for nobody to hear, unless a store and an audience are registered.</summary>
    public static IServiceCollection AddPresence(this IServiceCollection services)
    {
        services.TryAddSingleton<PresenceOptions>();
        services.TryAddSingleton<IPresenceStore, InMemoryPresenceStore>();
        services.TryAddSingleton<IPresenceAudience, NoAudience>();
        services.TryAddSingleton<IBackplane, NoBackplane>();
        services.AddSingleton<PresenceRoster>();
        services.AddSingleton<PresenceSignals>();
        services.AddSingleton<PresenceKeeper>();
        services.AddSingleton<PresenceSweep>();
        services.AddSingleton<ISubscriptionObserver>(s => s.GetRequiredService<PresenceKeeper>());
        services.AddSingleton<ITailObserver>(s => s.GetRequiredService<PresenceSweep>());
        services.AddHostedService(s => s.GetRequiredService<PresenceSignals>());
        services.AddHostedService(s => s.GetRequiredService<PresenceSweep>());
        return services;
    }
}
