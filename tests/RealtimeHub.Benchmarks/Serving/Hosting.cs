using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace RealtimeHub.Benchmarks.Serving;

/// <summary>What the web roles have in common.</summary>
internal static class Hosting
{
    /// <summary>Standard output is for the control's replies.</summary>
    public static void LogToStandardError(this WebApplicationBuilder builder) =>
        builder.Logging.ClearProviders().AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);

    /// <summary>Starts the server; returns the address that it was given.</summary>
    public static async Task<Uri> StartOnFreePortAsync(this WebApplication app)
    {
        await app.StartAsync(CancellationToken.None);
        return new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }
}
