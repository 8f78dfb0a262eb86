using System.Text;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Tests.Delivery.Model;

/// <summary>What a subscription's client was told between two resets.</summary>
/// <param name="Subscription">Whose.</param>
/// <param name="Index">How many resets came before.</param>
/// <param name="FirstEra">It is of no older log than this.</param>
/// <param name="Frames">With their numbers.</param>
/// <param name="IsLast">Whether no reset came after it.</param>
internal sealed record Part(ModelSubscription Subscription, int Index, int FirstEra, IReadOnlyList<(int Number, object Message)> Frames, bool IsLast)
{
    public bool IsRevoked => Messages.LastOrDefault() is SubscriptionChangedMessage { Status: SubscriptionStatus.Revoked };

    /// <summary>Whether it has to go on to the last event that there is.</summary>
    public bool IsUnfinished => IsLast && !IsRevoked && !Subscription.IsOver;

    public IEnumerable<object> Messages => Frames.Select(f => f.Message);

    public IEnumerable<Event> Events => Messages.OfType<EventsMessage>().SelectMany(m => m.Events);

    /// <summary>What of it was written before a log was replaced.</summary>
    public Part Until(int era) => era < Subscription.Client.ReplacedAt.Count
        ? this with { IsLast = false, Frames = [.. Frames.TakeWhile(f => f.Number < Subscription.Client.ReplacedAt[era])] }
        : this;

    public static void Ensure(ModelSubscription subscription, bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new PromiseException(
                $"{subscription.Ref} ({subscription.Client.Caller.Subject.Id} on {subscription.Client.Connection.ConnectionId}, "
                + $"{subscription.Topic} from {subscription.Request.From}, {subscription.Outcome?.Status}): {otherwise}\n"
                + $"Its connection was told: {string.Join("; ", subscription.Client.Connection.Numbered.Select(m => $"{m.Number}: {Frame.Describe(m.Message)}"))}");
        }
    }
}

/// <summary>Holds a part against a log.</summary>
internal sealed class PartCheck(Part part, TopicHistory topic, IEnumerable<TopicHistory> later)
{
    private readonly ModelSubscription subscription = part.Subscription;
    private readonly List<Event> received = [];
    private long start;
    private long position;
    private bool needsSnapshot;

    public void Check()
    {
        if (part.Index == 0 && subscription.AnsweredAt.Era > topic.EraIndex)
        {
            return; // nothing of it was written before the log was replaced
        }

        Begin();
        foreach (var message in part.Messages)
        {
            switch (message)
            {
                case SnapshotMessage snapshot:
                    TakeSnapshot(snapshot);
                    break;
                case EventsMessage events:
                    TakeEvents(events);
                    break;
            }
        }

        Ensure(!needsSnapshot || !part.IsUnfinished, "no snapshot came");
        if (!needsSnapshot)
        {
            CheckStates();
            CheckDeltas();
        }

        CheckPermission();
    }

    private void Begin()
    {
        if (part.Index > 0)
        {
            needsSnapshot = true;
            return;
        }

        var (cursor, from) = (Cursor.Parse(subscription.Outcome!.Cursor!), subscription.Request.From);
        Ensure(cursor.Epoch == topic.Epoch, $"its cursor is of epoch {cursor.Epoch} and not {topic.Epoch}");
        Ensure(from != SubscribeFrom.Earliest || cursor.Sequence == 0, $"the earliest is not {cursor.Sequence}");
        Ensure(subscription.Outcome.Status != SubscribeStatus.Resumed || subscription.Outcome.Cursor == subscription.Origin!.Text, "it did not go on where it was");
        (start, position) = (cursor.Sequence, cursor.Sequence);
        needsSnapshot = from == SubscribeFrom.Snapshot || subscription.Outcome.Status == SubscribeStatus.Reset;
    }

    private void TakeSnapshot(SnapshotMessage snapshot)
    {
        Ensure(needsSnapshot, $"an unexpected {Frame.Describe(snapshot)}");
        needsSnapshot = false;
        var at = TakeCursor(snapshot.Cursor, "the snapshot's");
        Ensure(at >= start, $"a snapshot at {at} before {start}");
        var expected = Encoding.UTF8.GetString((topic.At(at) with { Sequence = at }).WriteSnapshot(topic.Epoch).Span);
        Ensure(snapshot.State.GetRawText() == expected, $"the snapshot at {at} is {snapshot.State.GetRawText()} and not {expected}");
        (start, position) = (at, at);
    }

    private void TakeEvents(EventsMessage message)
    {
        Ensure(!needsSnapshot, "events came before the snapshot");
        foreach (var e in message.Events)
        {
            Ensure(e.Seq > position, $"{e.Seq} came after {position}");
            var stored = topic.Events.Find(s => s.Event.Sequence == e.Seq).Event;
            Ensure(stored is not null, $"{e.Seq} has no place in the topic");
            Ensure(stored!.Id == e.Id, $"{e.Seq} is {e.Id} and not {stored.Id}");
            position = e.Seq;
            received.Add(e);
        }

        var cursor = TakeCursor(message.Cursor, $"after {position} the");
        Ensure(cursor >= position, $"the cursor {cursor} lies before {position}");
        position = cursor;
    }

    private long TakeCursor(string text, string whose)
    {
        var cursor = Cursor.Parse(text);
        var expected = Cursor.At(topic.Epoch, topic.Key, cursor.Sequence, topic.At(cursor.Sequence).LastState);
        Ensure(cursor == expected, $"{whose} cursor is {cursor} and not {expected}");
        return cursor.Sequence;
    }

    // Every state event after the start, exactly once and in order, up to where the subscription got.
    private void CheckStates()
    {
        var end = part.IsUnfinished ? long.MaxValue : position;
        var expected = topic.Events.Where(e => e.Event.Lane == Lane.State && e.Event.Sequence > start && e.Event.Sequence <= end).Select(e => e.Event.Sequence);
        var actual = received.Where(e => EventTypes.LaneOf(e.Type) == Lane.State).Select(e => e.Seq);
        Ensure(expected.SequenceEqual(actual), $"from {start} the states are {string.Join(' ', actual)} and not {string.Join(' ', expected)}");
    }

    // A message's deltas from the first after the start, without a hole; all of them unless it is complete by now.
    private void CheckDeltas()
    {
        var end = part.IsUnfinished ? long.MaxValue : position;
        foreach (var message in topic.Events.Where(e => e.Event.Type == EventTypes.MessageStarted).Select(e => e.Event.Read<MessageStarted>().MessageId))
        {
            var expected = topic.Events.Where(e => e.Event.Sequence > start && e.Event.Sequence <= end && IsDeltaOf(e.Event, message)).Select(e => e.Event.Sequence).ToList();
            var actual = received.Where(e => e.Type == EventTypes.MessageDelta && e.Data.GetProperty("messageId").GetString() == message).Select(e => e.Seq).ToList();
            var isComplete = topic.Events.Exists(e => e.Event.Type == EventTypes.MessageCompleted && e.Event.Read<MessageCompleted>().MessageId == message);
            var fits = isComplete ? expected.Take(actual.Count).SequenceEqual(actual) : expected.SequenceEqual(actual);
            Ensure(fits, $"from {start} the deltas of {message} are {string.Join(' ', actual)} and not {string.Join(' ', expected)}{(isComplete ? " or its beginning" : "")}");
        }
    }

    // Nothing is delivered past the end of a permission that passed while subscribed; and nobody is sent away who may stay.
    private void CheckPermission()
    {
        var caller = subscription.Client.Caller;
        var seenBy = part.Index > 0 ? start
            : subscription.AnsweredAt.Era == topic.EraIndex ? subscription.AnsweredAt.Sequence
            : long.MaxValue;
        var ended = needsSnapshot && part.Index > 0 ? null
            : topic.Events.Find(e => e.Event.Sequence > seenBy && !topic.MayRead(caller, e.Event.Sequence)).Event;
        Ensure(ended is null || position <= ended.Sequence, $"{position} came, and the permission had ended with {ended?.Sequence}");
        Ensure(ended is null || !part.IsUnfinished, $"the permission ended with {ended?.Sequence}, and nobody said so");
        if (part.IsRevoked && !needsSnapshot)
        {
            var isEnd = (received.Count == 0 || received[^1].Seq <= position) && topic.MayRead(caller, 0, position).Contains(false) && !topic.MayRead(caller, position);
            var endsLater = later.Any(l => l.MayRead(caller, 0, long.MaxValue).Contains(false));
            Ensure(isEnd || endsLater, $"it was revoked at {position} although the permission stood");
        }
    }

    private static bool IsDeltaOf(StoredEvent e, string message) =>
        e.Type == EventTypes.MessageDelta && e.Read<MessageDelta>().MessageId == message;

    private void Ensure(bool holds, string otherwise) => Part.Ensure(subscription, holds, otherwise);
}
