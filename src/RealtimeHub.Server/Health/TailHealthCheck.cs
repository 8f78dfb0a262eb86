using Microsoft.Extensions.Diagnostics.HealthChecks;
using RealtimeHub.Core.Delivery;

namespace RealtimeHub.Server.Health;

/// <summary>Ready also means that delivery follows the log: otherwise who connects here sees nothing new.</summary>
internal sealed class TailHealthCheck(IDeliveryLoad delivery) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(delivery.IsFollowing ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("Delivery does not follow the log."));
}
