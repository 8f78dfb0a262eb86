using Microsoft.Extensions.Hosting;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Nats;

/// <summary>Prepares the backbone at the start. A server that is away is waited for; one that cannot be used as it is ends the host.</summary>
internal sealed class BackboneCheck(NatsBackbone backbone, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                await backbone.PrepareAsync(stoppingToken);
                return;
            }
            catch (LogUnavailableException)
            {
                await Task.Delay(RetryDelay, time, stoppingToken);
            }
        }
    }
}
