using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RealtimeHub.Core.Delivery;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Features.Presence;

/// <summary>Looks now and then what has lapsed, and who may not be where it is any more.</summary>
/// <remarks>Subscriptions are ended by their feeds; what is looked after here is a connection that is present where it does not watch.</remarks>
internal sealed class PresenceSweep(
    IPresenceStore store, PresenceKeeper keeper, PresenceRoster roster, PresenceSignals signals, PresenceOptions options, TimeProvider time,
    ILogger<PresenceSweep> logger) : BackgroundService, ITailObserver
{
    private readonly ConcurrentDictionary<PresencePlace, bool> doubtful = [];

    /// <inheritdoc/>
    public void See(StoredEvent e)
    {
        if (AccessEvents.MayChangeAccess(e.Type))
        {
            var place = new PresencePlace(e.Topic.Tenant, e.Topic.Topic);
            if (roster.In(place).Count > 0)
            {
                doubtful[place] = true;
            }
        }
    }

    /// <inheritdoc/>
    public void LogReplaced()
    {
        foreach (var place in roster.Places)
        {
            doubtful[place] = true;
        }
    }

    /// <summary>Takes a look.</summary>
    internal async Task SweepAsync(CancellationToken cancellationToken)
    {
        foreach (var place in doubtful.Keys)
        {
            doubtful.TryRemove(place, out _);
            try
            {
                await keeper.RecheckAsync(place, cancellationToken);
            }
            catch (LogUnavailableException e)
            {
                doubtful[place] = true;
                PresenceLog.Failed(logger, e);
                break; // the others would fare no better
            }
        }

        foreach (var change in await store.LapseAsync(cancellationToken))
        {
            signals.Tell(change);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.SweepPeriod, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await SweepAsync(stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                PresenceLog.Failed(logger, e);
            }
        }
    }
}
