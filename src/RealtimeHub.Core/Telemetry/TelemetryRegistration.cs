using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using RealtimeHub.Core.Delivery;

namespace RealtimeHub.Core.Telemetry;

/// <summary>Puts together what looks at the node.</summary>
public static class TelemetryRegistration
{
    /// <summary>The node's name, its gauges, and the look once a second.</summary>
    public static IServiceCollection AddNodeTelemetry(this IServiceCollection services, NodeIdentity identity)
    {
        services.AddSingleton(identity);
        services.TryAddSingleton<NodeCounters>();
        services.AddSingleton<IDeliveryLoad, DeliveryLoad>();
        services.AddSingleton<NodeSampler>();
        services.AddSingleton<NodeGauges>();
        services.AddHostedService<GaugesStart>();
        services.AddHostedService(s => s.GetRequiredService<NodeSampler>());
        return services;
    }

    // Gauges that nobody asks for by name exist from the start.
    private sealed class GaugesStart(NodeGauges gauges) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            ArgumentNullException.ThrowIfNull(gauges);
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
