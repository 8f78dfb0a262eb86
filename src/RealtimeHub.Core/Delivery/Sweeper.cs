using Microsoft.Extensions.Hosting;

namespace RealtimeHub.Core.Delivery;

/// <summary>Looks at lag, progress and idleness now and then; nothing that is delivered waits for it.</summary>
internal sealed class Sweeper(Feeds feeds, Connections connections, DeliveryOptions options, TimeProvider time) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.SweepPeriod, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            connections.EndStalled();
            feeds.Sweep();
        }
    }
}
