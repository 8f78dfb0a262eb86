using System.Collections.Concurrent;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Folds;

/// <summary>Keeps the folds that were used lately, and brings one up to date whenever it is asked for.</summary>
internal sealed class TopicFolds(IEventLog log, FoldCheckpoints checkpoints, TopicFoldsOptions options, TimeProvider time) : ITopicFolds
{
    private readonly ConcurrentDictionary<TopicKey, Entry> entries = [];

    public async ValueTask<TopicFold> GetAsync(TopicKey topic, CancellationToken cancellationToken)
    {
        var entry = entries.GetOrAdd(topic, static _ => new Entry());
        entry.UsedAt = time.GetTimestamp();
        await entry.Gate.WaitAsync(cancellationToken);
        try
        {
            var head = await log.GetHeadAsync(cancellationToken);
            if (head.Epoch != entry.Epoch || head.LastSequence < entry.Fold?.Sequence)
            {
                // Another log, or one that lost its tail: what was folded is not what happened.
                (entry.Fold, entry.Epoch) = (null, head.Epoch);
            }

            return entry.Fold = await CatchUpAsync(entry.Fold ?? await LoadAsync(topic, cancellationToken), entry.Epoch, cancellationToken);
        }
        finally
        {
            entry.Gate.Release();
            Evict();
        }
    }

    private async ValueTask<TopicFold> LoadAsync(TopicKey topic, CancellationToken cancellationToken) =>
        await checkpoints.ReadAsync(topic, cancellationToken) ?? TopicStates.Empty(topic);

    private async ValueTask<TopicFold> CatchUpAsync(TopicFold fold, ulong epoch, CancellationToken cancellationToken)
    {
        var applied = 0;
        while (true)
        {
            var events = await log.ReadAsync(fold.Key, new LogRange(options.PageEvents, After: fold.Sequence), cancellationToken);
            foreach (var e in events)
            {
                (fold, _) = fold.Apply(e);
            }

            applied += events.Count;
            if (!events.HasMore)
            {
                checkpoints.Note(fold, epoch, applied);
                return fold;
            }
        }
    }

    // Now and then the least used tenth goes; a fold that is in use meanwhile is only loaded once more.
    private void Evict()
    {
        if (entries.Count <= options.MaxFolds)
        {
            return;
        }

        foreach (var (key, entry) in entries.OrderBy(e => e.Value.UsedAt).Take((options.MaxFolds / 10) + 1))
        {
            entries.TryRemove(new(key, entry));
        }
    }

    private sealed class Entry
    {
        public SemaphoreSlim Gate { get; } = new(1, 1);

        public TopicFold? Fold { get; set; }

        public ulong Epoch { get; set; }

        public long UsedAt { get; set; }
    }
}

/// <summary>How folds are kept.</summary>
public sealed class TopicFoldsOptions
{
    /// <summary>Folds in memory.</summary>
    public int MaxFolds { get; set; } = 20_000;

    /// <summary>Events that one read takes from the log.</summary>
    public int PageEvents { get; set; } = 1000;

    /// <summary>A checkpoint is written after so many events.</summary>
    public int CheckpointEvents { get; set; } = 2000;
}
