using Microsoft.Extensions.Logging;
using RealtimeHub.Core.Leases;

namespace RealtimeHub.Core.Projection;

/// <summary>Removes conversations whole when they have been archived for long, where that is configured. Works where the projector does.</summary>
internal sealed class TopicRetention(
    EndedTopics ended, TopicRemover remover, RemovedTopics removals, Projector projector, RetentionOptions options, TimeProvider time, ILogger<TopicRetention> logger)
    : ILeasedWork
{
    // A day is the unit of what is configured; a look reads every list entry.
    private static readonly TimeSpan Period = TimeSpan.FromHours(1);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (options.EndedDays <= 0)
        {
            return;
        }

        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            try
            {
                await RemoveAsync(cancellationToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                ProjectionLog.RemovalFailed(logger, e); // whatever it is, what is kept too long is no reason to stop the server
            }
        }
    }

    private async Task RemoveAsync(CancellationToken cancellationToken)
    {
        var before = time.GetUtcNow().AddDays(-options.EndedDays);
        await foreach (var topic in ended.FindAsync(before, projector.Position, cancellationToken))
        {
            var removed = await remover.RemoveAsync(topic, cancellationToken);
            ProjectionLog.TopicRemoved(logger, topic.Topic.ToString(), removed);
        }

        await removals.RemoveOldAsync(cancellationToken);
    }
}
