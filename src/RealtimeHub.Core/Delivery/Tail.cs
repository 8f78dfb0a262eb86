using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Telemetry;

namespace RealtimeHub.Core.Delivery;

/// <summary>The node's one ordered view of the log: hands each event to its topic's feed.</summary>
/// <remarks>It stands before the first feed does, so that a feed gets every event after it was registered.</remarks>
internal sealed class Tail(
    IEventLog log, Feeds feeds, IEnumerable<ITailObserver> observers, NodeCounters counters, TimeProvider time, ILogger<Tail> logger)
    : BackgroundService
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(2);

    private readonly ITailObserver[] observers = [.. observers];
    private readonly TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long position;
    private bool isFollowing;

    /// <summary>Waits until the tail has its place in the log, as long as a command would wait for the log.</summary>
    /// <exception cref="LogUnavailableException">The log has not answered since the start.</exception>
    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        try
        {
            await started.Task.WaitAsync(StartTimeout, time, cancellationToken);
        }
        catch (TimeoutException e)
        {
            throw new LogUnavailableException("The log has not answered since the start.", e);
        }
    }

    /// <summary>Sequence of the last event that was handed on.</summary>
    public long Position => Interlocked.Read(ref position);

    /// <summary>Whether the log answered when it was last asked.</summary>
    public bool IsFollowing => Volatile.Read(ref isFollowing);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        ulong? epoch = null;
        var pause = TimeSpan.Zero;
        var stands = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var head = await log.GetHeadAsync(stoppingToken);
                if (epoch is null || epoch != head.Epoch || head.LastSequence < Position)
                {
                    Interlocked.Exchange(ref position, head.LastSequence);
                    if (epoch is not null)
                    {
                        DeliveryLog.LogReplaced(logger, epoch.Value, head.Epoch);
                        feeds.PostToAll(new FeedMessage.LogReplaced());
                        Array.ForEach(observers, o => o.LogReplaced());
                    }

                    Array.ForEach(observers, o => o.Begin(head));
                    epoch = head.Epoch;
                    started.TrySetResult();
                }

                if (stands)
                {
                    DeliveryLog.TailGoesOn(logger, Position);
                    stands = false;
                }

                pause = TimeSpan.Zero;
                Volatile.Write(ref isFollowing, true);
                await FollowAsync(epoch.Value, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                Volatile.Write(ref isFollowing, false);
                if (e is not LogUnavailableException)
                {
                    DeliveryLog.TailInterrupted(logger, Position, e);
                }
                else if (!stands)
                {
                    DeliveryLog.TailWaits(logger, Position, e.Message); // once, however long it takes
                    stands = true;
                }

                pause = TimeSpan.FromMilliseconds(Math.Min(LongestPause.TotalMilliseconds, (pause.TotalMilliseconds * 2) + 50));
                await Task.Delay(pause * (0.5 + (Random.Shared.NextDouble() / 2)), time, stoppingToken);
            }
        }
    }

    private async Task FollowAsync(ulong epoch, CancellationToken cancellationToken)
    {
        await foreach (var batch in log.TailAsync(epoch, Position, cancellationToken))
        {
            Measure(batch);
            foreach (var e in batch)
            {
                if (e.Sequence <= Position)
                {
                    throw new LogUnavailableException($"The tail went back from {Position} to {e.Sequence}.");
                }

                foreach (var observer in observers)
                {
                    observer.See(e);
                }

                feeds.Deliver(e);
                Interlocked.Exchange(ref position, e.Sequence);
                await feeds.WaitForRoomAsync(cancellationToken);
            }
        }
    }

    // Of commands alone: their events' times are this service's own, and not their publishers'.
    private void Measure(IReadOnlyList<StoredEvent> batch)
    {
        counters.CountEvents(batch.Count);
        if (Metrics.TailDelay.Enabled)
        {
            var now = time.GetUtcNow();
            foreach (var e in batch)
            {
                if (e.Meta?.Surface is not null)
                {
                    Metrics.TailDelay.Record(Math.Max(0, (now - e.Time).TotalSeconds));
                }
            }
        }
    }
}
