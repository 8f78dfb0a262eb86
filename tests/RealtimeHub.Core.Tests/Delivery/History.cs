using RealtimeHub.Contracts;
using RealtimeHub.Core.Folds;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Tests.Delivery;

/// <summary>What clients were told, held against the log.</summary>
internal sealed class History
{
    private readonly IReadOnlyList<ModelSubscription> subscriptions;
    private readonly ulong epoch;

    // By topic: every event that has a place, with the fold after it.
    private readonly Dictionary<ConversationScript, List<(StoredEvent Event, TopicFold Fold)>> topics = [];

    public History(IReadOnlyList<StoredEvent> log, ulong epoch, IEnumerable<ConversationScript> conversations, IReadOnlyList<ModelSubscription> subscriptions)
    {
        (this.subscriptions, this.epoch) = (subscriptions, epoch);
        foreach (var conversation in conversations)
        {
            var fold = TopicStates.Empty(conversation.Key);
            var events = topics[conversation] = [];
            foreach (var e in log.Where(e => e.Topic == conversation.Key))
            {
                (fold, var effective) = fold.Apply(e);
                if (effective)
                {
                    events.Add((e, fold));
                }
            }
        }
    }

    /// <summary>The cursor of a message; null when it has none.</summary>
    public static string? CursorOf(object message) => (message as EventsMessage)?.Cursor ?? (message as SnapshotMessage)?.Cursor;

    /// <summary>The frames of one subscription, told from those of the connection's others before and after it.</summary>
    public static List<(int Number, object Message)> FramesOf(ModelSubscription subscription, IReadOnlyList<ModelSubscription> all)
    {
        var topic = subscription.Conversation.Topic;
        var mine = all.Where(s => s.Client == subscription.Client && s.Conversation == subscription.Conversation).ToList();
        var frames = new List<(int, object)>();
        ModelSubscription? current = null;
        var closed = new HashSet<ModelSubscription>();
        foreach (var (number, message) in subscription.Client.Connection.Numbered)
        {
            if (TopicOf(message) != topic)
            {
                continue;
            }

            closed.UnionWith(mine.Where(s => number >= s.EndFrame));
            var changed = message as SubscriptionChangedMessage;
            if (changed?.Status == SubscriptionStatus.Replaced)
            {
                closed.UnionWith(mine.TakeWhile(s => s.Ref != changed.Ref));
            }

            if (current is null || closed.Contains(current))
            {
                current = mine.Find(s => !closed.Contains(s) && s.FirstFrame <= number)
                    ?? throw new HistoryException(subscription, $"frame {number} belongs to nobody: {Describe(message)}");
            }

            if (RefOf(message) is { } reference && reference != current.Ref)
            {
                throw new HistoryException(current, $"frame {number} is of {reference}: {Describe(message)}");
            }

            if (current == subscription)
            {
                frames.Add((number, message));
            }

            if (changed?.Status == SubscriptionStatus.Revoked)
            {
                closed.Add(current);
            }
        }

        return frames;
    }

    public void Check()
    {
        foreach (var subscription in subscriptions)
        {
            Check(subscription);
        }
    }

    private void Check(ModelSubscription subscription)
    {
        var messages = FramesOf(subscription, subscriptions).ConvertAll(f => f.Message);
        var start = Cursor.Parse(subscription.Outcome.Cursor!).Sequence;
        var needsSnapshot = subscription.From == SubscribeFrom.Snapshot || subscription.Outcome.Status == SubscribeStatus.Reset;
        var (position, isRevoked) = (start, false);
        var received = new List<Event>();
        foreach (var message in messages)
        {
            Ensure(subscription, !isRevoked, $"after the end came {Describe(message)}");
            switch (message)
            {
                case SnapshotMessage snapshot:
                    Ensure(subscription, needsSnapshot && received.Count == 0, $"an unexpected {Describe(message)}");
                    needsSnapshot = false;
                    var at = Cursor.Parse(snapshot.Cursor).Sequence;
                    Ensure(subscription, at >= start, $"a snapshot at {at} before {start}");
                    CheckSnapshot(subscription, snapshot, at);
                    (start, position) = (at, at);
                    break;
                case EventsMessage events:
                    Ensure(subscription, !needsSnapshot, "events came before the snapshot");
                    foreach (var e in events.Events)
                    {
                        Ensure(subscription, e.Seq > position, $"{e.Seq} came after {position}");
                        position = e.Seq;
                        received.Add(e);
                    }

                    var cursor = Cursor.Parse(events.Cursor).Sequence;
                    Ensure(subscription, cursor >= position, $"the cursor {cursor} lies before {position}");
                    position = cursor;
                    break;
                case SubscriptionChangedMessage { Status: SubscriptionStatus.Revoked }:
                    isRevoked = true;
                    break;
            }
        }

        if (needsSnapshot)
        {
            Ensure(subscription, isRevoked || subscription.IsOver, "no snapshot came");
            return;
        }

        CheckStates(subscription, start, position, received, isRevoked);
        CheckDeltas(subscription, start, position, received);
        CheckContinuation(subscription, received);
        CheckPermission(subscription, start, received, isRevoked);
    }

    private void CheckSnapshot(ModelSubscription subscription, SnapshotMessage snapshot, long at)
    {
        var fold = topics[subscription.Conversation].Last(e => e.Event.Sequence <= at).Fold with { Sequence = at };
        var expected = System.Text.Encoding.UTF8.GetString(fold.WriteSnapshot(epoch).Span);
        Ensure(subscription, snapshot.State.GetRawText() == expected, $"the snapshot at {at} is {snapshot.State.GetRawText()} and not {expected}");
    }

    // Every state event after the start, exactly once and in order, up to where the subscription got.
    private void CheckStates(ModelSubscription subscription, long start, long position, List<Event> received, bool isRevoked)
    {
        var events = topics[subscription.Conversation];
        var end = subscription.IsOver || isRevoked ? position : events[^1].Event.Sequence;
        var expected = events.Where(e => e.Event.Lane == Lane.State && e.Event.Sequence > start && e.Event.Sequence <= end).Select(e => e.Event.Sequence);
        var actual = received.Where(e => EventTypes.LaneOf(e.Type) == Lane.State).Select(e => e.Seq);
        Ensure(
            subscription, expected.SequenceEqual(actual),
            $"from {start} to {end} the states are {string.Join(' ', actual)} and not {string.Join(' ', expected)}");
    }

    // A message's deltas from the first after the start, without a hole; all of them unless it is complete by now.
    private void CheckDeltas(ModelSubscription subscription, long start, long position, List<Event> received)
    {
        var all = topics[subscription.Conversation];
        var end = subscription.IsOver ? position : long.MaxValue;
        var isLive = !subscription.IsOver && received.Count > 0 && received[^1].Seq == all[^1].Event.Sequence;
        foreach (var message in all.Where(e => e.Event.Type == EventTypes.MessageStarted).Select(e => e.Event.Read<MessageStarted>().MessageId))
        {
            var expected = all.Where(e => e.Event.Sequence > start && e.Event.Sequence <= end && IsDeltaOf(e.Event, message)).Select(e => e.Event.Sequence).ToList();
            var actual = received.Where(e => e.Type == EventTypes.MessageDelta && e.Data.GetProperty("messageId").GetString() == message).Select(e => e.Seq).ToList();
            var isComplete = all.Exists(e => e.Event.Type == EventTypes.MessageCompleted && e.Event.Read<MessageCompleted>().MessageId == message);
            var fits = isComplete || !(isLive || subscription.IsOver) ? expected.Take(actual.Count).SequenceEqual(actual) : expected.SequenceEqual(actual);
            Ensure(
                subscription, fits,
                $"from {start} the deltas of {message} are {string.Join(' ', actual)} and not {string.Join(' ', expected)}{(isComplete ? " or its beginning" : "")}");
        }
    }

    // A resumed client has one history: what it received goes on without a hole where the cursor was.
    private void CheckContinuation(ModelSubscription subscription, List<Event> received)
    {
        if (subscription.Outcome.Status != SubscribeStatus.Resumed)
        {
            return;
        }

        var cursor = Cursor.Parse(subscription.Outcome.Cursor!).Sequence;
        var before = FramesOf(subscription.Resumes!, subscriptions).Select(f => f.Message).OfType<EventsMessage>()
            .SelectMany(m => m.Events).Where(e => e.Seq <= cursor);
        var offsets = new Dictionary<string, int>();
        foreach (var e in before.Concat(received).Where(e => e.Type == EventTypes.MessageDelta))
        {
            var message = e.Data.GetProperty("messageId").GetString()!;
            var offset = e.Data.GetProperty("offset").GetInt32();
            Ensure(subscription, offsets.GetValueOrDefault(message, offset) == offset, $"{e.Seq} does not continue {message} at {offsets.GetValueOrDefault(message)}");
            offsets[message] = offset + e.Data.GetProperty("text").GetString()!.Length;
        }
    }

    // Nothing is delivered past the end of the permission that passed while subscribed; and nobody is sent away who may stay.
    private void CheckPermission(ModelSubscription subscription, long start, List<Event> received, bool isRevoked)
    {
        var caller = subscription.Client.Caller;
        var events = topics[subscription.Conversation];
        var last = received.Count > 0 ? received[^1].Seq : start;
        var ended = events.Find(e => e.Event.Sequence > subscription.SeenBy && TopicReadPolicy.Refusal(caller, e.Fold) is not null);
        Ensure(subscription, ended.Event is null || last <= ended.Event.Sequence, $"{last} came, and the permission had ended with {ended.Event?.Sequence}");
        Ensure(subscription, ended.Event is null || subscription.IsOver || isRevoked, $"the permission ended with {ended.Event?.Sequence}, and nobody said so");
        if (isRevoked)
        {
            var mayStay = received.Count > 0 && TopicReadPolicy.Refusal(caller, events.Find(e => e.Event.Sequence == last).Fold) is null;
            Ensure(subscription, !mayStay, $"it was revoked at {last} although the permission stood");
        }
    }

    private static bool IsDeltaOf(StoredEvent e, string message) =>
        e.Type == EventTypes.MessageDelta && e.Read<MessageDelta>().MessageId == message;

    private static string TopicOf(object message) => message switch
    {
        EventsMessage events => events.Topic,
        SnapshotMessage snapshot => snapshot.Topic,
        SubscriptionChangedMessage changed => changed.Topic,
        _ => "",
    };

    private static string? RefOf(object message) => (message as SnapshotMessage)?.Ref ?? (message as SubscriptionChangedMessage)?.Ref;

    private static string Describe(object message) =>
        message is EventsMessage events ? $"events {string.Join(' ', events.Events.Select(e => e.Seq))}" : $"{message}";

    private static void Ensure(ModelSubscription subscription, bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new HistoryException(subscription, otherwise);
        }
    }
}

/// <summary>A client was not told what the log says.</summary>
internal sealed class HistoryException(ModelSubscription subscription, string what)
    : Exception($"{subscription.Ref} ({subscription.Client.Caller.Subject.Id} on {subscription.Client.Connection.ConnectionId}, "
        + $"{subscription.Conversation.Topic} from {subscription.From}, {subscription.Outcome.Status}): {what}");
