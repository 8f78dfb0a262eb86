using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using RealtimeHub.Server.Health;

namespace RealtimeHub.Integration.Tests.Telemetry;

public sealed class ReadinessTests
{
    [Theory]
    [InlineData(HealthStatus.Healthy, HealthStatus.Healthy, 200, "Healthy")]
    [InlineData(HealthStatus.Degraded, HealthStatus.Healthy, 200, "Degraded")]
    [InlineData(HealthStatus.Healthy, HealthStatus.Degraded, 503, "Degraded")]
    public async Task Write_LateIsReadyAndDrainingIsNot(HealthStatus projector, HealthStatus drain, int status, string text)
    {
        var context = new DefaultHttpContext();
        using var body = new MemoryStream();
        context.Response.Body = body;
        var entries = new Dictionary<string, HealthReportEntry> { ["projector"] = Entry(projector), [Readiness.Drain] = Entry(drain) };

        await Readiness.WriteAsync(context, new HealthReport(entries, TimeSpan.Zero));

        (context.Response.StatusCode, System.Text.Encoding.UTF8.GetString(body.ToArray())).Should().Be((status, text));
    }

    private static HealthReportEntry Entry(HealthStatus status) => new(status, description: null, TimeSpan.Zero, exception: null, data: null);
}
