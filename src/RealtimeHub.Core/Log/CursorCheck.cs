namespace RealtimeHub.Core.Log;

/// <summary>Whether a cursor fits the log as it is now.</summary>
public enum CursorFit
{
    /// <summary>What follows it can be read without a gap.</summary>
    Fits,

    /// <summary>It is of another epoch, of another topic, or of a log that was rolled back.</summary>
    Foreign,
}

/// <summary>Compares cursors with the log, so that a restored backup or a rolled-back tail is noticed and not served.</summary>
public sealed class CursorCheck(IEventLog log)
{
    /// <summary>Whether everything after <paramref name="cursor"/> follows what its holder has seen.</summary>
    /// <remarks>Costs a read of at most two state events, and nothing when the epoch or the topic is another.</remarks>
    public async ValueTask<CursorFit> CheckAsync(TopicKey topic, Cursor cursor, CancellationToken cancellationToken)
    {
        var head = await log.GetHeadAsync(cancellationToken);
        if (cursor.Epoch != head.Epoch || cursor.TopicHash != Cursor.HashOf(topic) || cursor.Sequence > head.LastSequence)
        {
            return CursorFit.Foreign;
        }

        // The last state event at or before the cursor must still be the one that it remembers, and nothing between.
        var range = new LogRange(
            Limit: 2, After: Math.Max(0, cursor.LastState.Sequence - 1), Before: cursor.Sequence + 1, Lanes: LaneFilter.State);
        var events = await log.ReadAsync(topic, range, cancellationToken);
        var remembered = cursor.LastState == default
            ? events.Count == 0
            : events is { Count: 1, HasMore: false } && StateMark.Of(events[0]) == cursor.LastState;
        return remembered ? CursorFit.Fits : CursorFit.Foreign;
    }
}
