using Microsoft.Extensions.Hosting;
using RealtimeHub.Core.Delivery;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Projection;

namespace RealtimeHub.Core.Telemetry;

/// <summary>Looks at the node once a second: where the log's head is, who is behind it, and how much is done.</summary>
internal sealed class NodeSampler(IEventLog log, IDeliveryLoad delivery, Projector projector, NodeCounters counters, TimeProvider time) : BackgroundService
{
    /// <summary>Who has not seen what was in the log this long ago is behind.</summary>
    public static readonly TimeSpan MaxLag = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(2);

    private readonly Lock gate = new();
    private readonly Queue<NodeSample> samples = [];
    private NodeSample? newest;

    /// <summary>Sequence of the log's last event, a second ago at most; 0 before the first look.</summary>
    public long LogHead => Volatile.Read(ref newest)?.Head ?? 0;

    /// <summary>Events that delivery has not seen.</summary>
    public long TailLag => Math.Max(0, LogHead - log.SkipFrom(delivery.TailPosition));

    /// <summary>Events that the projector has not dealt with.</summary>
    public long ProjectorLag => Math.Max(0, LogHead - log.SkipFrom(projector.Position));

    /// <summary>Whether delivery follows and is not late.</summary>
    public bool IsTailBehind => IsBehind(delivery.TailPosition);

    /// <summary>Whether the projector is late.</summary>
    public bool IsProjectorBehind => IsBehind(projector.Position);

    /// <summary>Whether the log answers now.</summary>
    public async ValueTask<bool> IsLogAnsweringAsync(CancellationToken cancellationToken)
    {
        try
        {
            await log.GetHeadAsync(cancellationToken).AsTask().WaitAsync(Deadline, time, cancellationToken);
            return true;
        }
        catch (Exception e) when (e is LogUnavailableException or TimeoutException)
        {
            return false;
        }
    }

    /// <summary>Means over the last minute, or what there is of it.</summary>
    public NodeRates Rates()
    {
        lock (gate)
        {
            if (samples.Count == 0)
            {
                return default;
            }

            var first = samples.Peek();
            var seconds = Math.Max(1, time.GetElapsedTime(first.At).TotalSeconds);
            return new NodeRates(
                (counters.Requests - first.Requests) / seconds, (counters.Events - first.Events) / seconds,
                (counters.Deliveries - first.Deliveries) / seconds);
        }
    }

    /// <summary>Takes a look.</summary>
    internal async ValueTask SampleAsync(CancellationToken cancellationToken)
    {
        long head;
        try
        {
            head = (await log.GetHeadAsync(cancellationToken).AsTask().WaitAsync(Deadline, time, cancellationToken)).LastSequence;
            await projector.ObserveAsync(cancellationToken).AsTask().WaitAsync(Deadline, time, cancellationToken);
        }
        catch (Exception e) when (e is LogUnavailableException or TimeoutException)
        {
            head = LogHead; // whoever follows the log says that it is gone
        }

        var sample = new NodeSample(time.GetTimestamp(), head, counters.Requests, counters.Events, counters.Deliveries);
        lock (gate)
        {
            samples.Enqueue(sample);
            while (time.GetElapsedTime(samples.Peek().At) > Window)
            {
                samples.Dequeue();
            }
        }

        Volatile.Write(ref newest, sample);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await SampleAsync(stoppingToken);
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await SampleAsync(stoppingToken);
        }
    }

    private bool IsBehind(long position)
    {
        var reached = log.SkipFrom(position);
        lock (gate)
        {
            return samples.Any(s => s.Head > reached && time.GetElapsedTime(s.At) >= MaxLag);
        }
    }

    private sealed record NodeSample(long At, long Head, long Requests, long Events, long Deliveries);
}

/// <summary>How much a node does in a second.</summary>
internal readonly record struct NodeRates(double Requests, double Events, double Deliveries);
