using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using RealtimeHub.Core;
using RealtimeHub.Core.Documents;
using RealtimeHub.Core.Leases;
using RealtimeHub.Core.Log;
using RealtimeHub.Nats.Documents;
using RealtimeHub.Nats.Log;

namespace RealtimeHub.Nats;

/// <summary>Registers the storage of many nodes.</summary>
public static class NatsStorageExtensions
{
    /// <summary>Keeps the log in a JetStream stream and the documents in a JetStream bucket, which every node shares.</summary>
    /// <remarks>The server may be away when the host starts: everything that needs it is <c>unavailable</c> until it is there.</remarks>
    public static IServiceCollection AddNatsStorage(this IServiceCollection services, Action<NatsStorageOptions>? configure = null)
    {
        var options = services.AddOptions<NatsStorageOptions>();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<Limits>();
        services.AddSingleton(provider => new NatsBackbone(
            provider.GetRequiredService<IOptions<NatsStorageOptions>>().Value, provider.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton<IEventLog, NatsEventLog>();
        services.AddSingleton<IDocumentStore, NatsDocumentStore>();
        services.AddSingleton<ILeasedWork, MarkerRemover>();
        services.AddHostedService<BackboneCheck>();
        return services;
    }
}
