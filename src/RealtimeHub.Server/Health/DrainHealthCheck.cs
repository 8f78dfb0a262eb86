using Microsoft.Extensions.Diagnostics.HealthChecks;
using RealtimeHub.Server.Hubs;

namespace RealtimeHub.Server.Health;

/// <summary>A server that is about to stop is not ready, so that load balancers send nobody to it any more.</summary>
/// <remarks>Degraded, not unhealthy: nothing is wrong, and nothing is logged as an error. <see cref="Readiness"/> answers 503 for it all the same.</remarks>
internal sealed class DrainHealthCheck(Draining draining) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(draining.HasBegun ? HealthCheckResult.Degraded("The server is shutting down.") : HealthCheckResult.Healthy());
}
