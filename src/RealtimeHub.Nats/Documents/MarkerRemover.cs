using Microsoft.Extensions.Logging;
using NATS.Client.KeyValueStore;
using RealtimeHub.Core.Leases;
using RealtimeHub.Core.Log;
using RealtimeHub.Nats.Log;

namespace RealtimeHub.Nats.Documents;

/// <summary>Removes what deleted documents leave in the bucket: a marker each, which would stay for ever.</summary>
/// <remarks>
/// Watches that stand before a marker learn from it that the document is gone, so the newest are left alone. One by one and not by JetStream's
/// purge, for the reason in <see cref="MessageRemover"/>.
/// </remarks>
internal sealed class MarkerRemover(NatsBackbone backbone, TimeProvider time, ILogger<MarkerRemover> logger) : ILeasedWork
{
    /// <summary>How long a watch that is cut off may take to come back and still learn of everything.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromHours(1);

    // Where the lease changes its holder more often than once in an hour, somebody must come to it all the same.
    private static readonly TimeSpan BeforeTheFirst = TimeSpan.FromMinutes(1);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(BeforeTheFirst, time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            timer.Period = KeptFor;
            try
            {
                await RemoveAsync(time.GetUtcNow() - KeptFor, cancellationToken);
            }
            catch (Exception e) when (e is LogUnavailableException or NATS.Client.Core.NatsException)
            {
                NatsLog.MarkersNotRemoved(logger, e);
            }
        }
    }

    /// <summary>Removes the markers of documents that were deleted before a time.</summary>
    public async ValueTask RemoveAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        var markers = await FindAsync(before, cancellationToken);
        foreach (var revision in markers)
        {
            await MessageRemover.RemoveAsync(backbone, backbone.Subjects.BucketStream, revision, cancellationToken);
        }
    }

    private async ValueTask<List<long>> FindAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        var found = new List<long>();
        var store = await backbone.AskAsync(token => backbone.Documents.GetStoreAsync(backbone.Subjects.Bucket, token), cancellationToken);
        var options = new NatsKVWatchOpts { MetaOnly = true, OnNoData = _ => ValueTask.FromResult(true) };
        await foreach (var entry in store.WatchAsync<byte[]>(opts: options, cancellationToken: cancellationToken))
        {
            if (entry.Operation != NatsKVOperation.Put && entry.Created < before)
            {
                found.Add((long)entry.Revision);
            }

            if (entry.Delta == 0)
            {
                break;
            }
        }

        return found;
    }
}
