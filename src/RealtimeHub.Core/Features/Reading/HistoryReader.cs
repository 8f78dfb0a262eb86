using System.Buffers;
using System.Text.Json;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Folds;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Features.Reading;

/// <summary>Reads one page of a topic, up or down, through a type filter.</summary>
internal sealed class HistoryReader(IEventLog log, TopicFold fold, TypeFilter types, int limit)
{
    private const int ReadSize = 1000;

    // Below the start of the oldest open item every delta is of something complete: the state lane holds it all.
    private readonly long stateOnlyBelow = fold.State.OldestOpen ?? long.MaxValue;

    private long bytes;

    public async Task<History> ReadForwardAsync(Cursor start, CancellationToken cancellationToken)
    {
        var found = new List<StoredEvent>(limit);
        var (position, mark) = (start.Sequence, start.LastState);
        while (true)
        {
            var stateOnly = position + 1 < stateOnlyBelow;
            var range = new LogRange(
                ReadSize, After: position, Before: Math.Min(fold.Sequence + 1, stateOnly ? stateOnlyBelow : long.MaxValue),
                Lanes: stateOnly ? LaneFilter.State : LaneFilter.Both);
            var events = await log.ReadAsync(fold.Key, range, cancellationToken);
            foreach (var e in events)
            {
                if (IsShown(e))
                {
                    if (!TryAdd(found, e))
                    {
                        return Page(found, CursorAt(start, position, mark), hasMore: true);
                    }
                }

                (position, mark) = (e.Sequence, e.Lane == Lane.State ? StateMark.Of(e) : mark);
            }

            if (!events.HasMore)
            {
                if (!stateOnly || stateOnlyBelow > fold.Sequence)
                {
                    return Page(found, CursorAt(start, position, mark), hasMore: false);
                }

                position = stateOnlyBelow - 1;
            }
        }
    }

    /// <summary>Newest first, everything at or below the cursor. The page's cursor lies below its oldest event.</summary>
    public async Task<History> ReadBackwardAsync(Cursor start, CancellationToken cancellationToken)
    {
        var found = new List<StoredEvent>(limit);
        var before = start.Sequence + 1;
        while (true)
        {
            var range = new LogRange(ReadSize, Before: before, Descending: true, Lanes: before > stateOnlyBelow ? LaneFilter.Both : LaneFilter.State);
            var events = await log.ReadAsync(fold.Key, range, cancellationToken);
            foreach (var e in events)
            {
                if (IsShown(e))
                {
                    if (!TryAdd(found, e))
                    {
                        return Page(found, await CursorBelowAsync(start, before, cancellationToken), hasMore: true);
                    }
                }

                before = e.Sequence;
            }

            if (!events.HasMore)
            {
                return Page(found, await CursorBelowAsync(start, before, cancellationToken), hasMore: false);
            }
        }
    }

    // What is not delivered is not shown either: deltas of what is complete, and what has no place in the state, such as a second end of a run.
    private bool IsShown(StoredEvent e) =>
        types.Passes(e.Type) && (e.Lane == Lane.State || fold.IsOpen(DeltaItem.KeyOf(e))) && !fold.IsMisplaced(e.Sequence, DeltaItem.KeyOf(e));

    // A page of long events ends early: what is read is in memory, and a thousand of the longest would be half a gigabyte.
    private bool TryAdd(List<StoredEvent> found, StoredEvent e)
    {
        bytes += e.Body.Length;
        if (found.Count == limit || (found.Count > 0 && bytes > LogRange.DefaultMaxBytes))
        {
            return false;
        }

        found.Add(e);
        return true;
    }

    private async ValueTask<Cursor> CursorBelowAsync(Cursor like, long sequence, CancellationToken cancellationToken)
    {
        var range = new LogRange(Limit: 1, Before: sequence, Lanes: LaneFilter.State, Descending: true);
        var events = await log.ReadAsync(fold.Key, range, cancellationToken);
        return CursorAt(like, Math.Max(0, sequence - 1), events.Count == 0 ? default : StateMark.Of(events[0]));
    }

    private static Cursor CursorAt(Cursor like, long sequence, StateMark mark) => like with { Sequence = sequence, LastState = mark };

    private static History Page(List<StoredEvent> events, Cursor cursor, bool hasMore) =>
        new([.. events.Select(ToWire)], cursor.ToString(), hasMore);

    private static JsonElement ToWire(StoredEvent e)
    {
        var buffer = new ArrayBufferWriter<byte>(e.Body.Length + 32);
        EventBody.WriteWire(buffer, e);
        return JsonDocument.Parse(buffer.WrittenMemory).RootElement;
    }
}
