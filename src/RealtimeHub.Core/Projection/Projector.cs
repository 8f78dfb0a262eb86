using System.Text.Json;
using Microsoft.Extensions.Logging;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Documents;
using RealtimeHub.Core.Leases;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Projection;

/// <summary>Follows the state lane of the whole log and does what follows from its events: copies, lists, closing what a dead run left open.</summary>
/// <remarks>
/// At least once: the position is kept after what it stands for is done, so after a crash the last batches are done again. Each projection
/// recognizes what it did. Copies and what closes are written as their events come; lists and the position a moment later, for many events
/// at once. One node's projector works at a time; the others see how far it came.
/// </remarks>
internal sealed class Projector(
    IEventLog log,
    INodeTail nodeTail,
    IDocumentStore documents,
    IEnumerable<IProjection> projections,
    ProjectionOptions options,
    TimeProvider time,
    ILogger<Projector> logger)
    : ILeasedWork
{
    private const string PositionKey = "projector.position";

    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly IReadOnlyList<IProjection> projections = [.. projections];

    private long position;
    private volatile bool isWorking;

    /// <summary>Sequence of the last event that was dealt with, here or by the node that works; 0 where it is not known yet.</summary>
    public long Position
    {
        get => Interlocked.Read(ref position);
        private set => Interlocked.Exchange(ref position, value);
    }

    /// <summary>Whether it would fail again however often it is tried.</summary>
    /// <remarks>
    /// Only from the backbone: data that is not what its type says, or ids that are none; or so large that a copy, which names its origin,
    /// has no room.
    /// </remarks>
    internal static bool IsOfTheEvent(Exception e) => e is JsonException or ArgumentException or FormatException or EventTooLargeException;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        isWorking = true;
        try
        {
            while (true)
            {
                await TryFollowAsync(cancellationToken);
                await Task.Delay(RetryDelay, time, cancellationToken);
            }
        }
        finally
        {
            isWorking = false;
        }
    }

    /// <summary>Where another node's projector works: looks how far it came.</summary>
    public async ValueTask ObserveAsync(CancellationToken cancellationToken)
    {
        if (!isWorking)
        {
            var kept = await ReadPositionAsync(cancellationToken);
            Position = kept?.IsIn(await log.GetHeadAsync(cancellationToken)) == true ? kept.Sequence : 0;
        }
    }

    private async Task TryFollowAsync(CancellationToken cancellationToken)
    {
        try
        {
            await FollowAsync(cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // Whatever it was, the position says where to go on; an event that fails for ever shows as a growing lag.
            ProjectionLog.Interrupted(logger, Position, e);
        }
    }

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        var epoch = await BeginAsync(cancellationToken);
        var (seen, flushedAt) = (Position, (long?)null);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var tail = nodeTail.FollowAsync(epoch, Position, ended.Token).GetAsyncEnumerator(ended.Token);
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

    /// <summary>Takes its place in the log.</summary>
    /// <returns>The log's epoch.</returns>
    private async ValueTask<ulong> BeginAsync(CancellationToken cancellationToken)
    {
        var kept = await ReadPositionAsync(cancellationToken);
        var head = await log.GetHeadAsync(cancellationToken);
        if (kept is not null && !kept.IsIn(head))
        {
            await Task.Delay(RetryDelay, time, cancellationToken); // what was chosen to lead a moment ago may not know everything yet
            head = await log.GetHeadAsync(cancellationToken);
        }

        foreach (var projection in projections)
        {
            projection.Begin(head.Epoch);
            if (kept is not null && !kept.IsIn(head))
            {
                await projection.StartOverAsync(cancellationToken);
            }
        }

        Position = kept?.IsIn(head) == true ? kept.Sequence : 0;
        return head.Epoch;
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
            catch (Exception malformed) when (IsOfTheEvent(malformed))
            {
                // Nothing would ever follow behind it.
                ProjectionLog.Malformed(logger, e.Sequence, e.Topic.ToString(), malformed);
            }
        }
    }

    private async ValueTask<ProjectorPosition?> ReadPositionAsync(CancellationToken cancellationToken)
    {
        var document = await documents.GetAsync(PositionKey, cancellationToken);
        return document is null ? null : JsonSerializer.Deserialize(document.Value.Span, ProjectionJsonContext.Default.ProjectorPosition);
    }
}

/// <summary>How far the projector came, and in which incarnation of the log.</summary>
internal sealed record ProjectorPosition(ulong Epoch, long Sequence)
{
    /// <summary>Whether it is a place in this log, as far as its head tells.</summary>
    public bool IsIn(LogHead head) => Epoch == head.Epoch && Sequence <= head.LastSequence;
}
