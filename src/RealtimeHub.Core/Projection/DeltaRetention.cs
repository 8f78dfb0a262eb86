using Microsoft.Extensions.Logging;
using RealtimeHub.Core.Folds;
using RealtimeHub.Core.Leases;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Projection;

/// <summary>Removes deltas when they are old: the <c>.completed</c> of what they belong to holds the whole.</summary>
/// <remarks>
/// Never a delta of what a run has open, however old: what follows the start of the oldest open message, reasoning or tool call of any
/// topic stays. Every run ends at its deadline at the latest, and the projector closes what it leaves open, so nothing is held for ever.
/// An item without a run, which only a service on the backbone can make, has nobody who would close it and holds nothing.
/// </remarks>
internal sealed class DeltaRetention(
    IEventLog log, Projector projector, RunDeadlines runs, ITopicFolds folds, RetentionOptions options, TimeProvider time,
    ILogger<DeltaRetention> logger) : ILeasedWork
{
    // Often enough that a purge stays short: at 1,000 deltas a second it finds 600,000.
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(10);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (options.DeltaHours <= 0)
        {
            return;
        }

        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            try
            {
                await PurgeAsync(cancellationToken);
            }
            catch (LogUnavailableException e)
            {
                ProjectionLog.PurgeFailed(logger, e);
            }
        }
    }

    private async Task PurgeAsync(CancellationToken cancellationToken)
    {
        var before = await FindEndAsync(cancellationToken);
        if (await log.PurgeStreamLaneAsync(before, cancellationToken) is > 0 and var purged)
        {
            ProjectionLog.Purged(logger, purged, before);
        }
    }

    /// <summary>The sequence that everything below is old and complete.</summary>
    private async ValueTask<long> FindEndAsync(CancellationToken cancellationToken)
    {
        // In this order: of what the projector has passed by now, a run that is not open when it is looked for has left nothing open.
        var passed = projector.Position;
        var end = Math.Min(passed + 1, await log.FindSequenceAsync(time.GetUtcNow().AddHours(-options.DeltaHours), cancellationToken));
        foreach (var topic in runs.TopicsWithRunsBefore(end))
        {
            var fold = await folds.GetAsync(topic, cancellationToken);
            end = Math.Min(end, fold.State.OldestOpen ?? end);
        }

        return end;
    }
}
