using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Folds;

/// <summary>One topic's fold in memory, and what the tail has brought since it was read.</summary>
/// <remarks>
/// A fold that is followed lacks nothing below its last event: it was read from the log after the tail had begun, and everything that the
/// tail brought from then on is kept for it, also while it is read. Overlaps do no harm, because a fold takes each sequence once.
/// </remarks>
internal sealed class CachedFold
{
    // A fold that nobody asks for while so much comes is read anew when somebody does.
    private const int MostUnapplied = 256;

    private readonly Lock gate = new();
    private readonly List<StoredEvent> unapplied = [];
    private TopicFold? fold;
    private bool isFollowed;
    private bool isReading;
    private (LogUnavailableException Reason, long At)? lost;
    private int applied;

    /// <summary>Who reads the log for it has it.</summary>
    public SemaphoreSlim Gate { get; } = new(1, 1);

    /// <summary>The epoch that it was read in. It changes for whoever has <see cref="Gate"/>.</summary>
    public ulong Epoch { get; private set; }

    public long UsedAt { get; set; }

    /// <summary>The fold with everything that the tail has brought; null when it is not followed.</summary>
    public TopicFold? Seen
    {
        get
        {
            lock (gate)
            {
                return isFollowed && !isReading ? Apply() : null;
            }
        }
    }

    /// <summary>The same, if it is of this epoch.</summary>
    public TopicFold? SeenIn(ulong epoch)
    {
        lock (gate)
        {
            return Epoch == epoch ? Seen : null;
        }
    }

    /// <summary>From now on what the tail brings is kept until the fold was read.</summary>
    /// <returns>What is known; null: nothing.</returns>
    public TopicFold? BeginReading()
    {
        lock (gate)
        {
            var known = isFollowed ? Apply() : fold;
            (isReading, isFollowed) = (true, true);
            return known;
        }
    }

    /// <summary>What is known is of another log; what the tail brings from now on is of this one.</summary>
    /// <returns>Nothing.</returns>
    public TopicFold? ForgetAll(ulong epoch)
    {
        lock (gate)
        {
            (fold, Epoch) = (null, epoch);
            unapplied.Clear();
            return fold;
        }
    }

    /// <summary>The fold was read.</summary>
    /// <param name="read">From the log.</param>
    /// <param name="follows">Whether what the tail brings is kept for it from now on.</param>
    public TopicFold Read(TopicFold read, bool follows)
    {
        lock (gate)
        {
            (fold, isReading) = (read, false);
            isFollowed &= follows; // it may have lost sight meanwhile
            if (!isFollowed)
            {
                unapplied.Clear();
            }

            return read;
        }
    }

    /// <summary>Who waited for a read that failed is answered with it: reading again would take as long again, one after the other.</summary>
    /// <exception cref="LogUnavailableException">A read has failed since then.</exception>
    public void ThrowIfLostSince(long asked)
    {
        lock (gate)
        {
            if (lost is var (reason, at) && at > asked)
            {
                throw new LogUnavailableException(reason.Message, reason);
            }
        }
    }

    /// <summary>The fold could not be read: what the tail brought meanwhile does not follow what is known.</summary>
    public void ReadFailed(LogUnavailableException? reason, long at)
    {
        lock (gate)
        {
            lost = reason is null ? null : (reason, at);
            isReading = false;
            Forget();
        }
    }

    /// <summary>How many events the tail has brought since this was asked last.</summary>
    public int TakeApplied()
    {
        lock (gate)
        {
            var taken = applied;
            applied = 0;
            return taken;
        }
    }

    /// <summary>The tail has brought an event of the topic.</summary>
    public void See(StoredEvent e, bool isInUse)
    {
        lock (gate)
        {
            if (!isFollowed)
            {
                return;
            }

            if (isInUse && unapplied.Count < MostUnapplied)
            {
                unapplied.Add(e);
            }
            else
            {
                Forget();
            }
        }
    }

    /// <summary>This node has appended a state event after another one that it knew.</summary>
    /// <remarks>
    /// Only deltas can be between the two, and where nothing is open no delta has a place. So the event can be taken before the tail brings it.
    /// </remarks>
    public void NoteAppended(StoredEvent e, long expectedState)
    {
        lock (gate)
        {
            if (isFollowed && !isReading && Apply() is { } known && known.LastState.Sequence == expectedState && known.State.OldestOpen is null)
            {
                fold = known.Apply(e).Fold;
            }
        }
    }

    /// <summary>What the tail has brought may not be all there was.</summary>
    public void LoseSight()
    {
        lock (gate)
        {
            Forget();
        }
    }

    private void Forget()
    {
        isFollowed = false;
        unapplied.Clear();
    }

    private TopicFold? Apply()
    {
        foreach (var e in unapplied)
        {
            fold = fold?.Apply(e).Fold;
        }

        applied += unapplied.Count;

        unapplied.Clear();
        return fold;
    }
}
