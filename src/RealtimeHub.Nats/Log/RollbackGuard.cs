using Microsoft.Extensions.Logging;
using NATS.Client.JetStream.Models;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Nats.Log;

/// <summary>Notices that the stream has lost something that was seen in it: it was restored from a backup, or lost its newest messages.</summary>
/// <remarks>
/// A stream that goes back gives the same sequences to other events. The newest message that was seen is looked for again and again; when the
/// stream ends below it, or has another one in its place, the stream gets a new epoch, and every node treats it as another log: cursors are
/// reset, and what was made of the log is made anew. A hole in its place is no loss: it was an old delta, or its topic has ended and was
/// removed, and it was still the newest. A stream that was emptied has no place for it.
/// </remarks>
internal sealed class RollbackGuard(NatsBackbone backbone, LeaderReads leader, TimeProvider time, ILogger logger)
{
    // A leader that was just chosen may not have applied yet what its followers had acknowledged.
    private static readonly TimeSpan BeforeTheSecondLook = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private volatile Seen? newest;
    private ulong known;
    private Task deciding = Task.CompletedTask;

    /// <summary>The stream's epoch and head, not older than what was seen.</summary>
    /// <exception cref="LogUnavailableException">The stream has less than was seen in it; what becomes of it is decided soon.</exception>
    public async ValueTask<LogHead> GetHeadAsync(CancellationToken cancellationToken)
    {
        var seen = newest; // first what was seen, then what is there
        var stream = await backbone.GetStreamAsync(cancellationToken);
        var head = new LogHead(NatsBackbone.EpochOf(stream.Config), (long)stream.State.LastSeq);
        if (seen?.Epoch != head.Epoch || head.LastSequence >= seen.Sequence)
        {
            return head;
        }

        BeginToDecide();
        throw new LogUnavailableException($"The stream ends at {head.LastSequence}, and {seen.Sequence} was seen in it.");
    }

    /// <summary>The last sequence of the stream, for whoever reads up to one that was seen in it.</summary>
    /// <param name="through">What is to be read up to; may be above the stream's end as long as nothing was seen there.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="LogUnavailableException">The stream has less than was seen in it: it went back, or a new leader does not have all yet.</exception>
    public async ValueTask<long> GetEndAsync(long through, CancellationToken cancellationToken)
    {
        var seen = newest;
        var stream = await backbone.GetStreamAsync(cancellationToken);
        var end = (long)stream.State.LastSeq;
        return through <= end || through > seen?.Sequence || seen?.Epoch != NatsBackbone.EpochOf(stream.Config)
            ? end
            : throw new LogUnavailableException($"The stream ends at {end}, and {through} was seen in it.");
    }

    /// <summary>A message came out of the stream.</summary>
    public void See(ulong epoch, long sequence, ReadOnlyMemory<byte> message)
    {
        lock (gate)
        {
            if (newest?.Epoch != epoch || newest.Sequence < sequence)
            {
                newest = new Seen(epoch, sequence, message);
            }
        }
    }

    /// <summary>Looks whether the stream is what it was.</summary>
    /// <param name="epoch">What it had; null: nothing was seen of it yet.</param>
    /// <param name="cancellationToken">Gives up looking.</param>
    /// <returns>The stream's epoch.</returns>
    /// <exception cref="LogUnavailableException">It has another epoch now, maybe because of this look.</exception>
    public async ValueTask<ulong> CheckAsync(ulong? epoch, CancellationToken cancellationToken)
    {
        var (seen, stream) = (newest, await backbone.GetStreamAsync(cancellationToken));
        var current = NatsBackbone.EpochOf(stream.Config);
        if (Interlocked.Exchange(ref known, current) is not 0 and var before && before != current)
        {
            backbone.EndEra();
        }

        if (epoch is not null && current != epoch)
        {
            throw new LogUnavailableException($"The stream's epoch is {current:x12} and was {epoch:x12}.");
        }

        if (seen is null || seen.Epoch != current || await IsThereAsync(seen, stream, cancellationToken))
        {
            return current;
        }

        await Task.Delay(BeforeTheSecondLook, time, cancellationToken);
        if (await IsThereAsync(seen, await backbone.GetStreamAsync(cancellationToken), cancellationToken))
        {
            return current;
        }

        NatsLog.RolledBack(logger, backbone.Subjects.Stream, seen.Sequence, current);
        await backbone.RenewEpochAsync(current, cancellationToken);
        throw new LogUnavailableException($"The stream was rolled back below {seen.Sequence}.");
    }

    // Those who follow the stream look too; but they may all have been cut off before it went back, and begin with its head.
    private void BeginToDecide()
    {
        lock (gate)
        {
            if (deciding.IsCompleted)
            {
                deciding = DecideAsync();
            }
        }
    }

    private async Task DecideAsync()
    {
        try
        {
            await CheckAsync(epoch: null, CancellationToken.None);
        }
        catch (Exception e) when (Requests.IsUnavailable(e, CancellationToken.None))
        {
            // It is decided; or it was not possible, and whoever asks next begins again.
        }
    }

    private async ValueTask<bool> IsThereAsync(Seen seen, StreamInfo stream, CancellationToken cancellationToken)
    {
        if ((long)stream.State.LastSeq < seen.Sequence)
        {
            return false;
        }

        return await leader.AtAsync(seen.Sequence, cancellationToken) is { } message
            ? message.Data.Span.SequenceEqual(seen.Message.Span)
            : (long)stream.State.FirstSeq <= seen.Sequence;
    }

    private sealed record Seen(ulong Epoch, long Sequence, ReadOnlyMemory<byte> Message);
}
