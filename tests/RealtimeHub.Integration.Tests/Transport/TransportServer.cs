using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using RealtimeHub.Core.Delivery;
using RealtimeHub.Server.Delivery;
using RealtimeHub.Server.Hubs.Protocols;

namespace RealtimeHub.Integration.Tests.Transport;

/// <summary>Kestrel on a free loopback port, with one hub whose connections go to a recording.</summary>
internal sealed class TransportServer : IAsyncDisposable
{
    private WebApplication app = null!;

    private readonly TaskCompletionSource firstRequestEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private TransportServer()
    {
    }

    public RecordingConnections Connections { get; } = new();

    /// <summary>The delivery transport's clock; SignalR keeps its own.</summary>
    public FakeTimeProvider Time { get; } = new();

    public Uri Hub => new(app.Urls.Single() + "/hub");

    /// <summary>Completes when the first request has ended; for a WebSocket that is when the transport is done with it, later than the hub.</summary>
    public Task FirstRequestEnded => firstRequestEnded.Task;

    public static async Task<TransportServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSignalR(options => options.MaximumParallelInvocationsPerClient = 4)
            .AddHubProtocols().AddDeliveryTransport().AddDelivered<TransportHub>();
        var server = new TransportServer();
        builder.Services.AddSingleton<TimeProvider>(server.Time);
        builder.Services.AddSingleton<IDeliveryConnections>(server.Connections);
        server.app = builder.Build();
        server.app.Use(async (_, next) =>
        {
            try
            {
                await next();
            }
            finally
            {
                server.firstRequestEnded.TrySetResult();
            }
        });

        // Longer than any deadline here, so that it is not what ends a stalled connection.
        server.app.MapHub<TransportHub>("/hub", options => options.TransportSendTimeout = TimeSpan.FromMinutes(5));
        await server.app.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
