using RealtimeHub.Contracts;
using RealtimeHub.Core.Folds;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Tests.Delivery.Model;

/// <summary>A topic in one of the logs: every event that has a place, with the fold after it.</summary>
internal sealed class TopicHistory
{
    private readonly List<TopicFold> folds = [];

    public TopicHistory(TopicKey key, Era era, int index)
    {
        (Key, Epoch, EraIndex) = (key, era.Epoch, index);
        var fold = TopicStates.Empty(key);
        foreach (var e in era.Events.Where(e => e.Topic == key))
        {
            (fold, var effective) = fold.Apply(e);
            folds.Add(fold);
            if (effective)
            {
                Events.Add((e, fold));
            }
        }
    }

    public TopicKey Key { get; }

    public ulong Epoch { get; }

    public int EraIndex { get; }

    public List<(StoredEvent Event, TopicFold Fold)> Events { get; } = [];

    /// <summary>The fold at a sequence.</summary>
    public TopicFold At(long sequence) => folds.FindLast(f => f.Sequence <= sequence) ?? TopicStates.Empty(Key);

    /// <summary>Whether the caller may read the topic at a sequence.</summary>
    public bool MayRead(Caller caller, long sequence) => TopicReadPolicy.Refusal(caller, At(sequence)) is null;

    /// <summary>Whether the caller may read the topic after each, or any, of the events from one sequence to another.</summary>
    public IEnumerable<bool> MayRead(Caller caller, long from, long to) =>
        [MayRead(caller, from), .. Events.Where(e => e.Event.Sequence > from && e.Event.Sequence <= to).Select(e => TopicReadPolicy.Refusal(caller, e.Fold) is null)];
}

/// <summary>What clients were told, held against the log that there was.</summary>
internal sealed class History(IReadOnlyList<Era> eras, IReadOnlyList<ModelClient> clients, ModelTuning tuning)
{
    private readonly Dictionary<(TopicKey, int), TopicHistory> topics = [];
    private readonly Dictionary<ModelSubscription, List<(int Number, object Message)>> frames = [];

    /// <summary>Throws what is not as it was promised.</summary>
    public void Check()
    {
        foreach (var client in clients)
        {
            foreach (var subscriptions in client.Subscriptions.GroupBy(s => s.Request.Topic))
            {
                new FrameOwners([.. subscriptions], frames).Assign();
            }

            CheckConnection(client);
        }

        foreach (var subscription in clients.SelectMany(c => c.Subscriptions).Where(s => s.Outcome is not null))
        {
            CheckAnswer(subscription);
            if (subscription.HasBegun)
            {
                CheckFrames(subscription);
            }
        }
    }

    private void CheckConnection(ModelClient client)
    {
        var isSlow = client.Connection.PendingMessages.Concat(client.Connection.Messages).OfType<ClosingMessage>().Any() || client.Connection.Ends > 0;
        if (client.Connection.MostPending > (isSlow ? 2 : 1))
        {
            throw new PromiseException($"{client.Connection.ConnectionId} has {client.Connection.MostPending} frames queued");
        }

        if (client.Connection.GotForeignFrame)
        {
            throw new PromiseException($"{client.Connection.ConnectionId} got a frame of another protocol");
        }

        var begun = client.Subscriptions.Where(s => s is { HasBegun: true, IsOver: false }).DistinctBy(s => s.Request.Topic)
            .Count(s => !frames.GetValueOrDefault(s, []).Exists(f => IsChange(f.Message, SubscriptionStatus.Revoked)));
        if (begun > tuning.MaxSubscriptions)
        {
            throw new PromiseException($"{client.Connection.ConnectionId} has {begun} subscriptions");
        }
    }

    // What the hub answered, as far as one log was there all the time: while it is replaced nobody can say what holds.
    private void CheckAnswer(ModelSubscription subscription)
    {
        var status = subscription.Outcome!.Status;
        var may = Enumerable.Range(0, subscription.AnsweredAt.Era + 1).SelectMany(era =>
            TopicAt(subscription.Topic, era).MayRead(subscription.Client.Caller, 0, era == subscription.AnsweredAt.Era ? subscription.AnsweredAt.Sequence : long.MaxValue));
        Ensure(subscription, !subscription.HasBegun || may.Contains(true), "it began without permission");
        if (status == SubscribeStatus.Limit)
        {
            var others = subscription.Client.Subscriptions.TakeWhile(s => s != subscription).Where(s => s.HasBegun && s.Topic != subscription.Topic);
            var isGone = subscription.IsOver; // to whom it does not matter any more
            Ensure(subscription, isGone || others.DistinctBy(s => s.Topic).Count() >= tuning.MaxSubscriptions, "there was room for it");
        }

        if (subscription.AnsweredAt.Era > 0)
        {
            return;
        }

        var topic = TopicAt(subscription.Topic, 0);
        var mayAllTheTime = !topic.MayRead(subscription.Client.Caller, subscription.AskedAt.Sequence, subscription.AnsweredAt.Sequence).Contains(false);
        Ensure(subscription, status is not (SubscribeStatus.NotFound or SubscribeStatus.Forbidden) || !mayAllTheTime, "it was refused in spite of permission");
        if (subscription.HasBegun && subscription.Origin is { } origin)
        {
            var fits = Cursor.Parse(origin.Text).TopicHash == Cursor.HashOf(subscription.Topic);
            Ensure(subscription, status == (fits ? SubscribeStatus.Resumed : SubscribeStatus.Reset), $"its cursor {(fits ? "fits" : "is of another topic")}");
        }
    }

    // A subscription is cut into parts by resets: each is of one log, and none of an older one than the part before it. Between the
    // moment when the log is replaced and the reset that says so, a client may be told of the old log, of the new one or of both.
    private void CheckFrames(ModelSubscription subscription)
    {
        var parts = PartsOf(subscription);
        var era = 0;
        foreach (var part in parts)
        {
            era = part.IsUnfinished ? eras.Count - 1 : Math.Max(era, part.FirstEra);
            PromiseException? broken = null;
            for (var candidate = era; candidate < eras.Count; candidate++)
            {
                try
                {
                    new PartCheck(part.Until(candidate), TopicAt(subscription.Topic, candidate), LaterThan(subscription.Topic, candidate)).Check();
                    (broken, era) = (null, candidate);
                    CheckContinuation(part.Until(candidate), candidate);
                    break;
                }
                catch (PromiseException e)
                {
                    broken = e;
                }
            }

            if (broken is not null)
            {
                throw broken;
            }
        }
    }

    private List<Part> PartsOf(ModelSubscription subscription)
    {
        var parts = new List<Part>();
        var messages = new List<(int, object)>();
        var (first, isRevoked) = (subscription.NoticedEra, false);
        foreach (var (number, message) in frames.GetValueOrDefault(subscription, []))
        {
            Ensure(subscription, !isRevoked, $"after the end came {Frame.Describe(message)}");
            isRevoked = IsChange(message, SubscriptionStatus.Revoked);
            if (IsChange(message, SubscriptionStatus.Reset))
            {
                parts.Add(new Part(subscription, parts.Count, first, messages, IsLast: false));
                (first, messages) = (subscription.Client.NoticedAt.FindLastIndex(n => n <= number), []);
            }
            else
            {
                messages.Add((number, message));
            }
        }

        CheckBehind(subscription, isRevoked);
        parts.Add(new Part(subscription, parts.Count, first, messages, IsLast: true));
        return parts;
    }

    // It is behind, then live, then behind; and in the end, when it has everything, it is not behind.
    private void CheckBehind(ModelSubscription subscription, bool isRevoked)
    {
        var isBehind = false;
        foreach (var (_, message) in frames.GetValueOrDefault(subscription, []))
        {
            if (IsChange(message, SubscriptionStatus.Behind) || IsChange(message, SubscriptionStatus.Live))
            {
                Ensure(subscription, isBehind == IsChange(message, SubscriptionStatus.Live), $"it was told twice: {Frame.Describe(message)}");
                isBehind = !isBehind;
            }
        }

        Ensure(subscription, !isBehind || isRevoked || subscription.IsOver, "it has everything and was not told so");
    }

    // A resumed client has one history: what it received goes on without a hole where the cursor was.
    private void CheckContinuation(Part part, int era)
    {
        var subscription = part.Subscription;
        if (part.Index > 0 || era != subscription.AnsweredAt.Era
            || subscription is not { Origin: { Frame: { } frame, Holder: var holder }, Outcome.Status: SubscribeStatus.Resumed })
        {
            return;
        }

        var origin = frames.First(f => f.Key.Client == holder && f.Value.Exists(m => m.Number == frame)).Value;
        var before = origin.TakeWhile(f => f.Number <= frame).Reverse().Select(f => f.Message)
            .TakeWhile(m => m is not SnapshotMessage).Reverse().OfType<EventsMessage>().SelectMany(m => m.Events);
        var offsets = new Dictionary<string, int>();
        foreach (var e in before.Concat(part.Events).Where(e => e.Type == EventTypes.MessageDelta))
        {
            var message = e.Data.GetProperty("messageId").GetString()!;
            var offset = e.Data.GetProperty("offset").GetInt32();
            Ensure(subscription, offsets.GetValueOrDefault(message, offset) == offset, $"{e.Seq} does not continue {message} at {offsets.GetValueOrDefault(message)}");
            offsets[message] = offset + e.Data.GetProperty("text").GetString()!.Length;
        }
    }

    private TopicHistory TopicAt(TopicKey key, int era)
    {
        if (!topics.TryGetValue((key, era), out var topic))
        {
            topics.Add((key, era), topic = new TopicHistory(key, eras[era], era));
        }

        return topic;
    }

    private IEnumerable<TopicHistory> LaterThan(TopicKey key, int era) => Enumerable.Range(era + 1, eras.Count - era - 1).Select(e => TopicAt(key, e));

    private static bool IsChange(object message, SubscriptionStatus status) => message is SubscriptionChangedMessage changed && changed.Status == status;

    private static void Ensure(ModelSubscription subscription, bool holds, string otherwise) => Part.Ensure(subscription, holds, otherwise);
}
