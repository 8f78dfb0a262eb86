using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.StackExchangeRedis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using RealtimeHub.Core.Features.Presence;
using RealtimeHub.Core.Features.Status;
using RealtimeHub.Redis.Presence;
using RealtimeHub.Redis.Signals;

namespace RealtimeHub.Redis;

/// <summary>Registers what nodes share through Redis.</summary>
public static class RedisBackplaneExtensions
{
    /// <summary>Shares presence, and carries what is sent to groups and users to every node. Redis may be away, also at the start.</summary>
    /// <remarks>A hub's manager is <see cref="BackplaneLifetimeManager{THub}"/>, for whoever registers one to decorate it.</remarks>
    public static ISignalRServerBuilder AddRedisBackplane(this ISignalRServerBuilder builder, Action<RedisBackplaneOptions> configure)
    {
        var options = new RedisBackplaneOptions();
        configure(options);
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<PresenceOptions>();
        services.AddSingleton(options);
        services.AddSingleton<RedisLink>();
        services.AddSingleton<IBackplane>(s => s.GetRequiredService<RedisLink>());
        services.AddHostedService(s => s.GetRequiredService<RedisLink>());
        services.AddSingleton<IPresenceStore>(s => ActivatorUtilities.CreateInstance<RedisPresenceStore>(s));
        services.AddOptions<RedisOptions>().Configure<RedisLink, IHostApplicationLifetime>(
            (redis, link, host) => redis.ConnectionFactory = log => link.ConnectAsync(log, host.ApplicationStopping));
        return builder.AddStackExchangeRedis();
    }

    /// <summary>A hub's manager on the backplane.</summary>
    public static HubLifetimeManager<THub> CreateBackplaneManager<THub>(this IServiceProvider services)
        where THub : Hub
    {
        var link = services.GetRequiredService<RedisLink>();
        return new BackplaneLifetimeManager<THub>(
            ActivatorUtilities.CreateInstance<DefaultHubLifetimeManager<THub>>(services),
            new BackplaneMembership<THub>(
                link,
                givenUp => ActivatorUtilities.CreateInstance<RedisHubLifetimeManager<THub>>(
                    services, Options.Create(new RedisOptions { ConnectionFactory = log => link.ConnectAsync(log, givenUp) })),
                services.GetRequiredService<RedisBackplaneOptions>(),
                services.GetRequiredService<TimeProvider>(),
                services.GetRequiredService<ILogger<RedisLink>>()));
    }
}
