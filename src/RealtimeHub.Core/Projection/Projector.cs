using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Documents;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Projection;

/// <summary>Follows the state lane of the whole log and does what follows from its events: copies, lists, closing what a dead run left open.</summary>
/// <remarks>
/// At least once: the position is kept after what it stands for is done, so after a crash the last batches are done again. Each projection
/// recognizes what it did. Copies and what closes are written as their events come; lists and the position a moment later, for many events
/// at once. One projector works at a time; the embedded log admits a single process.
/// </remarks>
internal sealed class Projector(
    IEventLog log, IDocumentStore documents, IEnumerable<IProjection> projections, ProjectionOptions options, TimeProvider time, ILogger<Projector> logger)
    : BackgroundService
{
    private const string PositionKey = "projector.position";

    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly IReadOnlyList<IProjection> projections = [.. projections];

    private long position;

    /// <summary>Sequence of the last event that was dealt with; 0 where the projector has not begun.</summary>
    public long Position
    {
        get => Interlocked.Read(ref position);
        private set => Interlocked.Exchange(ref position, value);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await FollowAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // Whatever it was, the position says where to go on; an event that fails for ever shows as a growing lag.
                ProjectionLog.Interrupted(logger, Position, e);
                await Task.Delay(RetryDelay, time, stoppingToken);
            }
        }
    }

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        var epoch = (await log.GetHeadAsync(cancellationToken)).Epoch;
        Position = await ReadPositionAsync(epoch, cancellationToken);
        var (seen, flushedAt) = (Position, (long?)null);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var tail = log.TailAsync(Position, ended.Token).GetAsyncEnumerator(ended.Token);
        var next = tail.MoveNextAsync().AsTask();
        try
        {
            while (true)
            {
                if (seen > Position && await IsTimeToFlushAsync(flushedAt, next, cancellationToken))
                {
                    await FlushAsync(epoch, seen, cancellationToken);
                    flushedAt = time.GetTimestamp();
                }

                if (!await next)
                {
                    return;
                }

                await ProjectAsync(tail.Current, cancellationToken);
                seen = tail.Current[^1].Sequence;
                next = tail.MoveNextAsync().AsTask();
            }
        }
        finally
        {
            await ended.CancelAsync();
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // a tail that is read from cannot be disposed of
            await tail.DisposeAsync();
        }
    }

    // At once where it is quiet; where much happens, what gathers meanwhile is one write a topic, and one fsync for all of it.
    private async ValueTask<bool> IsTimeToFlushAsync(long? flushedAt, Task next, CancellationToken cancellationToken)
    {
        if (flushedAt is not { } last)
        {
            return true;
        }

        var rest = options.FlushEvery - time.GetElapsedTime(last);
        if (rest > TimeSpan.Zero)
        {
            await Task.WhenAny(next, Task.Delay(rest, time, cancellationToken));
        }

        return !next.IsCompleted || time.GetElapsedTime(last) >= options.FlushEvery;
    }

    private async ValueTask FlushAsync(ulong epoch, long seen, CancellationToken cancellationToken)
    {
        foreach (var projection in projections)
        {
            await projection.FlushAsync(cancellationToken);
        }

        Position = seen;
        var document = JsonSerializer.SerializeToUtf8Bytes(new ProjectorPosition(epoch, seen), ProjectionJsonContext.Default.ProjectorPosition);
        await documents.PutAsync(PositionKey, document, expectedRevision: null, cancellationToken);
    }

    private async ValueTask ProjectAsync(IReadOnlyList<StoredEvent> batch, CancellationToken cancellationToken)
    {
        foreach (var e in batch)
        {
            if (e.Lane == Lane.State && e.Origin is null)
            {
                await ProjectAsync(e, cancellationToken);
            }
        }
    }

    private async ValueTask ProjectAsync(StoredEvent e, CancellationToken cancellationToken)
    {
        foreach (var projection in projections)
        {
            try
            {
                await projection.ProjectAsync(e, cancellationToken);
            }
            catch (Exception malformed) when (malformed is JsonException or ArgumentException or FormatException)
            {
                // Only from the backbone: data that is not what its type says, or ids that are none. Nothing would ever follow behind it.
                ProjectionLog.Malformed(logger, e.Sequence, e.Topic.ToString(), malformed);
            }
        }
    }

    private async ValueTask<long> ReadPositionAsync(ulong epoch, CancellationToken cancellationToken)
    {
        var document = await documents.GetAsync(PositionKey, cancellationToken);
        var kept = document is null ? null : JsonSerializer.Deserialize(document.Value.Span, ProjectionJsonContext.Default.ProjectorPosition);
        return kept?.Epoch == epoch ? kept.Sequence : 0;
    }
}

/// <summary>How far the projector came, and in which incarnation of the log.</summary>
internal sealed record ProjectorPosition(ulong Epoch, long Sequence);
