using Microsoft.Extensions.Diagnostics.HealthChecks;
using RealtimeHub.Core.Telemetry;

namespace RealtimeHub.Server.Health;

/// <summary>A projector that is late makes lists and copies late, and is no reason to send clients elsewhere: degraded, and ready.</summary>
internal sealed class ProjectorHealthCheck(NodeSampler sampler) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(sampler.IsProjectorBehind ? HealthCheckResult.Degraded("The projector is behind the log.") : HealthCheckResult.Healthy());
}
