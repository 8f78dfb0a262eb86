using Microsoft.Extensions.Diagnostics.HealthChecks;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Features.Status;

namespace RealtimeHub.Server.Health;

/// <summary>Without its backplane a node knows less of who is there, and does everything else: degraded, and ready.</summary>
internal sealed class BackplaneHealthCheck(IBackplane backplane) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(backplane.Status == PartStatus.Unavailable
            ? HealthCheckResult.Degraded("Redis does not answer, or refuses what it is told: presence is what this node knows.")
            : HealthCheckResult.Healthy());
}
