using System.Collections.Concurrent;
using RealtimeHub.Core.Delivery;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Folds;

/// <summary>Keeps the folds that were used lately, and brings one up to date when it is asked for.</summary>
/// <remarks>
/// Where the log is far away, what the node's tail brings is kept for the folds that are in use, so that one can be had without asking the log.
/// </remarks>
internal sealed class TopicFolds(IEventLog log, FoldCheckpoints checkpoints, TopicFoldsOptions options, Limits limits, TimeProvider time) : ITopicFolds, ITailObserver
{
    private readonly ConcurrentDictionary<TopicKey, CachedFold> entries = [];

    public async ValueTask<TopicFold> GetAsync(TopicKey topic, CancellationToken cancellationToken)
    {
        var entry = entries.GetOrAdd(topic, static _ => new CachedFold());
        var asked = entry.UsedAt = time.GetTimestamp();
        await entry.Gate.WaitAsync(cancellationToken);
        try
        {
            entry.ThrowIfLostSince(asked);
            return await TryReadAsync(topic, entry, cancellationToken);
        }
        finally
        {
            entry.Gate.Release();
            Evict();
        }
    }

    public async ValueTask<SeenFold> GetSeenAsync(TopicKey topic, CancellationToken cancellationToken)
    {
        if (entries.TryGetValue(topic, out var entry) && entry.Seen is { } fold)
        {
            entry.UsedAt = time.GetTimestamp();
            return new SeenFold(fold, IsCurrent: false);
        }

        return new SeenFold(await GetAsync(topic, cancellationToken), IsCurrent: true);
    }

    public ValueTask<TopicFold> GetWithAsync(TopicKey topic, ulong epoch, long sequence, CancellationToken cancellationToken)
    {
        if (entries.TryGetValue(topic, out var entry) && entry.SeenIn(epoch) is { } fold && fold.Sequence >= sequence)
        {
            entry.UsedAt = time.GetTimestamp();
            return new ValueTask<TopicFold>(fold);
        }

        return GetAsync(topic, cancellationToken);
    }

    public void NoteAppended(TopicKey topic, NewEvent e, long sequence, long expectedState)
    {
        if (log.IsRemote && entries.TryGetValue(topic, out var entry) && StoredEvent.TryRead(topic, e.Lane, sequence, e.Body, e.Meta) is { } stored)
        {
            entry.NoteAppended(stored, expectedState);
        }
    }

    public async ValueTask ForgetAsync(TopicKey topic, CancellationToken cancellationToken)
    {
        // First the checkpoint, so that what is loaded next does not come from it. One that is being written does not fit the log any more.
        await checkpoints.DeleteAsync(topic, cancellationToken);
        entries.TryRemove(topic, out _);
    }

    public void Begin(LogHead head)
    {
        // What was appended before, and not read yet, no tail will bring.
        foreach (var entry in entries.Values)
        {
            entry.LoseSight();
        }
    }

    public void See(StoredEvent e)
    {
        if (log.IsRemote && entries.TryGetValue(e.Topic, out var entry))
        {
            entry.See(e, isInUse: time.GetElapsedTime(entry.UsedAt) < options.FollowedFor);
        }
    }

    public void LogReplaced()
    {
        // The epoch or the head says so to whoever asks the log; nobody else is to get what may not have happened.
        foreach (var entry in entries.Values)
        {
            entry.LoseSight();
        }
    }

    private async ValueTask<TopicFold> TryReadAsync(TopicKey topic, CachedFold entry, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadAsync(topic, entry, cancellationToken);
        }
        catch (Exception e)
        {
            entry.ReadFailed(e as LogUnavailableException, time.GetTimestamp());
            throw;
        }
    }

    private async ValueTask<TopicFold> ReadAsync(TopicKey topic, CachedFold entry, CancellationToken cancellationToken)
    {
        var known = entry.BeginReading(); // before the log is asked: what is appended after that is seen
        var head = await log.GetHeadAsync(cancellationToken);
        if (head.Epoch != entry.Epoch || head.LastSequence < known?.Sequence)
        {
            // Another log, or one that lost its tail: what was folded is not what happened.
            known = entry.ForgetAll(head.Epoch);
        }

        var fold = await CatchUpAsync(known ?? await LoadAsync(topic, cancellationToken), entry, cancellationToken);
        return entry.Read(fold, log.IsRemote);
    }

    private async ValueTask<TopicFold> LoadAsync(TopicKey topic, CancellationToken cancellationToken) =>
        (await checkpoints.ReadAsync(topic, cancellationToken) ?? TopicStates.Empty(topic)) with { MaxTextBytes = limits.AccumulatedTextBytes };

    private async ValueTask<TopicFold> CatchUpAsync(TopicFold fold, CachedFold entry, CancellationToken cancellationToken)
    {
        var applied = entry.TakeApplied();
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
                checkpoints.Note(fold, entry.Epoch, applied);
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

    /// <summary>What the tail brings is kept for folds that were asked for so lately.</summary>
    public TimeSpan FollowedFor { get; set; } = TimeSpan.FromSeconds(30);
}
