using System.Reflection;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using RealtimeHub.Core;
using RealtimeHub.Core.Pipeline;
using RealtimeHub.Core.Telemetry;

namespace RealtimeHub.Server.Telemetry;

/// <summary>What the server tells about itself.</summary>
internal static class TelemetryRegistration
{
    // SignalR's own spans: a hub call in the trace of its caller.
    private const string HubCalls = "Microsoft.AspNetCore.SignalR.Server";

    /// <summary>Metrics as Prometheus text; with <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> set, metrics and traces to a collector, too.</summary>
    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        var node = new NodeIdentity(NameOf(builder.Configuration), Version(), TimeProvider.System.GetUtcNow());
        var exports = !string.IsNullOrEmpty(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]);
        builder.Services.AddNodeTelemetry(node);
        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("realtimehub", serviceVersion: node.Version, serviceInstanceId: node.Name))
            .WithMetrics(metrics =>
            {
                metrics.AddMeter(PipelineTelemetry.Name).AddAspNetCoreInstrumentation().AddHttpClientInstrumentation()
                    .AddRuntimeInstrumentation().AddPrometheusExporter();
                _ = exports ? metrics.AddOtlpExporter() : metrics;
            });
        if (exports)
        {
            // Only then: a span that nobody collects is work for nothing, and the caller's context goes on without it.
            telemetry.WithTracing(traces => traces
                .AddSource(PipelineTelemetry.Name).AddSource(HubCalls).AddAspNetCoreInstrumentation().AddHttpClientInstrumentation().AddOtlpExporter());
        }
    }

    private static string NameOf(ConfigurationManager configuration) =>
        configuration["Node:Name"] is { Length: > 0 } name ? name : Environment.MachineName;

    // Without the commit that builds append.
    private static string Version() =>
        typeof(TelemetryRegistration).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0.0.0";
}
