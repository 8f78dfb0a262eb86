using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace RealtimeHub.Server.Health;

/// <summary>What <c>/healthz/ready</c> answers: 200 also when something is late, 503 when something does not work or the server is about to stop.</summary>
internal static class Readiness
{
    /// <summary>Name of the check that a drain turns red.</summary>
    public const string Drain = "drain";

    /// <summary>Writes the answer; the status for degraded is 200 by default.</summary>
    public static Task WriteAsync(HttpContext context, HealthReport report)
    {
        if (report.Entries[Drain].Status != HealthStatus.Healthy)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        }

        context.Response.ContentType = "text/plain";
        return context.Response.WriteAsync(report.Status.ToString(), context.RequestAborted);
    }
}
