using Microsoft.Extensions.Diagnostics.HealthChecks;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Server.Health;

/// <summary>Ready means that the log answers: without it no command is accepted and nothing new is delivered.</summary>
internal sealed class LogHealthCheck(IEventLog log) : IHealthCheck
{
    // A load balancer asks every few seconds and must not wait longer than a command would.
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(2);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await log.GetHeadAsync(cancellationToken).AsTask().WaitAsync(Deadline, cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (Exception e) when (e is LogUnavailableException or TimeoutException)
        {
            return HealthCheckResult.Unhealthy("The log does not answer.", e);
        }
    }
}
