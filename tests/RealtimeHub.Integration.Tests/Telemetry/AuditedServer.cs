using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using RealtimeHub.Core.Features.Audit;
using RealtimeHub.Core.Pipeline;
using RealtimeHub.Integration.Tests.Server;

namespace RealtimeHub.Integration.Tests.Telemetry;

/// <summary>A server that keeps its audit records, as the product does.</summary>
internal static class AuditedServer
{
    public static ServerFixture Create() => new()
    {
        Configure = builder => builder.ConfigureTestServices(services =>
            services.AddSingleton<IAuditTrail>(s => s.GetRequiredService<AuditTrail>())),
    };
}
