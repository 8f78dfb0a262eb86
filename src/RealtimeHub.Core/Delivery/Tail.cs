using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Delivery;

/// <summary>The node's one ordered view of the log: hands each event to its topic's feed.</summary>
/// <remarks>It stands before the first feed does, so that a feed gets every event after it was registered.</remarks>
internal sealed class Tail(IEventLog log, Feeds feeds, TimeProvider time, ILogger<Tail> logger) : BackgroundService
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(2);

    private readonly TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long position;

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

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        ulong? epoch = null;
        var pause = TimeSpan.Zero;
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
                    }

                    epoch = head.Epoch;
                    started.TrySetResult();
                }

                pause = TimeSpan.Zero;
                await FollowAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                DeliveryLog.TailInterrupted(logger, Position, e);
                pause = TimeSpan.FromMilliseconds(Math.Min(LongestPause.TotalMilliseconds, (pause.TotalMilliseconds * 2) + 50));
                await Task.Delay(pause * (0.5 + (Random.Shared.NextDouble() / 2)), time, stoppingToken);
            }
        }
    }

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        await foreach (var batch in log.TailAsync(Position, cancellationToken))
        {
            foreach (var e in batch)
            {
                if (e.Sequence <= Position)
                {
                    throw new LogUnavailableException($"The tail went back from {Position} to {e.Sequence}.");
                }

                feeds.Deliver(e);
                Interlocked.Exchange(ref position, e.Sequence);
                await feeds.WaitForRoomAsync(cancellationToken);
            }
        }
    }
}
