using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Folds;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Telemetry;

namespace RealtimeHub.Core.Delivery;

/// <summary>What every feed of a node shares.</summary>
internal sealed record FeedPorts(
    IEventLog Log,
    ITopicFolds Folds,
    LogPages Pages,
    DeliveryMemory Memory,
    DeliveryOptions Options,
    NodeCounters Counters,
    Limits Limits,
    ISubscriptionObserver Observer,
    TimeProvider Time,
    ILogger<Feed> Logger);

/// <summary>A topic on this node: its newest events, its state at their head, and the cursors of whoever watches it.</summary>
/// <remarks>
/// <para>
/// An actor: one loop owns everything in here and takes one message at a time, so delivery knows no locks but a connection's.
/// </para>
/// <para>
/// The fence between history and live: the feed stands in the registry before it reads the topic's state, so whatever the tail sees from
/// then on is in the mailbox, and whatever the tail saw before is in the state and in the log. An event that is in both is recognized by
/// its sequence.
/// </para>
/// <para>
/// A subscription is a cursor. At the head it is live: a dispatch writes everything that came since the last one. When its connection is
/// busy it stays where it is, lines up, and catches up from the ring, or from the log where the ring has moved on, at its client's pace.
/// New and resumed subscriptions begin the same way.
/// </para>
/// </remarks>
internal sealed partial class Feed
{
    // Writes that a dispatch may have to wait for: clients that catch up keep the mailbox filled, and those that are live wait for none of them.
    private const int WritesPerDispatch = 64;

    // An event takes the loop a microsecond or two. Batches grow this large before they go out.
    private const int EventsPerDispatch = 1024;

    private readonly FeedPorts ports;
    private readonly Channel<FeedMessage> mailbox = Channel.CreateUnbounded<FeedMessage>(new() { SingleReader = true });
    private readonly List<FeedMessage> beforeLoaded = [];
    private readonly List<SubscribeOrder> beforeAdmitted = [];
    private readonly Dictionary<DeliveryConnection, Subscription> subscriptions = [];
    private readonly LiveSubscriptions live = new();
    private readonly Ring ring;
    private TopicFold? fold;
    private ulong epoch;
    private int load; // the log may be replaced while it is read: only the last load counts
    private long idleSince;
    private readonly uint topicHash; // part of every cursor
    private readonly FrameCache frames = new();
    private (long At, ReadOnlyMemory<byte> State)? snapshot;
    private bool hasNews;
    private long newsSince; // timestamp of the first event since the last dispatch; 0: there was none
    private DateTimeOffset? decidedAt; // of the first command's event since the last dispatch
    private long delivered; // events written since it was last said
    private bool wantsSweep = true;
    private bool wasWatched;
    private bool isClosed;
    private bool isRemoved; // out of the registry, until everybody who watched was told
    private Exception? failure;

    public Feed(TopicKey key, FeedPorts ports)
    {
        Key = key;
        this.ports = ports;
        topicHash = Cursor.HashOf(key);
        ring = new Ring(ports.Options, ports.Memory, ports.Time);
        idleSince = ports.Time.GetTimestamp();
    }

    /// <summary>Whose, and which topic.</summary>
    public TopicKey Key { get; }

    /// <summary>Called by the loop when nobody has watched for long; removes the feed from the registry.</summary>
    public required Action<Feed> Retire { get; init; }

    /// <summary>Whether there is anything that the clock may change: a subscription that lags, a ring to trim, nobody who watches.</summary>
    public bool WantsSweep => Volatile.Read(ref wantsSweep) || ports.Memory.IsTight;

    private TopicFold Fold => fold ?? throw new InvalidOperationException("The feed has not read its topic yet.");

    private long Head => Fold.Sequence;

    /// <summary>Tells the feed something.</summary>
    public void Post(FeedMessage message) => mailbox.Writer.TryWrite(message);

    /// <summary>The connection is the subscription's to write to.</summary>
    public void Grant(Subscription subscription) => Post(new FeedMessage.Granted(subscription));

    /// <summary>Begins to read the topic's state and to take messages. Call it once, when the feed stands in the registry.</summary>
    public void Start()
    {
        _ = LoadAsync(load);
        _ = RunAsync();
    }

    private async Task LoadAsync(int load)
    {
        try
        {
            var loaded = await ports.Folds.GetAsync(Key, CancellationToken.None);
            Post(new FeedMessage.Loaded(load, loaded, (await ports.Log.GetHeadAsync(CancellationToken.None)).Epoch));
        }
        catch (Exception e)
        {
            Post(new FeedMessage.LoadFailed(load, e));
        }
    }

    private async Task RunAsync()
    {
        while (await mailbox.Reader.WaitToReadAsync())
        {
            for (var (events, writes) = (0, 0); events < EventsPerDispatch && writes < WritesPerDispatch && mailbox.Reader.TryRead(out var message);)
            {
                _ = message is FeedMessage.Arrived ? events++ : writes++;
                TakeSafely(message);
            }

            TakeSafely(message: null);
            ReportDelivered();
            Volatile.Write(ref wantsSweep, live.Count != subscriptions.Count || subscriptions.Count == 0 || ring.Ages || frames.Count > 0);
        }
    }

    // A fault in here must not leave clients waiting for events that never come.
    private void TakeSafely(FeedMessage? message)
    {
        try
        {
            if (message is null)
            {
                Dispatch();
            }
            else if (isClosed)
            {
                Turn(message);
            }
            else
            {
                Take(message);
            }
        }
        catch (Exception e)
        {
            DeliveryLog.FeedFailed(ports.Logger, Key.ToString(), e);
            Fail(e);
        }
    }

    private void Take(FeedMessage message)
    {
        if (fold is null && message is not (FeedMessage.Loaded or FeedMessage.LoadFailed or FeedMessage.LogReplaced))
        {
            beforeLoaded.Add(message);
            return;
        }

        switch (message)
        {
            case FeedMessage.Loaded loaded when loaded.Load == load:
                TakeLoaded(loaded);
                break;
            case FeedMessage.LoadFailed failed when failed.Load == load:
                Fail(failed.Exception);
                break;
            case FeedMessage.Arrived arrived:
                TakeEvent(arrived.Event);
                break;
            case FeedMessage.Subscribing subscribing when isRemoved:
                subscribing.Order.AskAgain(AskAgain.FeedIsGone);
                break;
            case FeedMessage.Subscribing subscribing:
                TakeSubscribe(subscribing.Order);
                break;
            case FeedMessage.Leaving leaving:
                TakeLeave(leaving);
                break;
            case FeedMessage.Granted granted:
                Write(granted.Subscription);
                break;
            case FeedMessage.PageRead read:
                TakePage(read);
                break;
            case FeedMessage.Swept:
                Sweep();
                break;
            case FeedMessage.Removed:
                TakeRemoved();
                break;
            case FeedMessage.LogReplaced:
                TakeLogReplaced();
                break;
        }
    }

    private void TakeLoaded(FeedMessage.Loaded loaded)
    {
        (fold, epoch) = (loaded.Fold.ForWatching(), loaded.Epoch);
        ring.Restart(loaded.Fold.Sequence, loaded.Fold.LastState);
        frames.Clear();
        (snapshot, hasNews) = (null, true);
        foreach (var subscription in subscriptions.Values.ToList())
        {
            // Only after the log was replaced are there any: each begins anew, if it still may.
            live.Remove(subscription);
            subscription.DropPage();
            (subscription.IsReadStale, subscription.Revoked) = (subscription.IsReading, null);
            subscription.MoveTo(Head, Fold.LastState);
            if (TopicReadPolicy.Refusal(subscription.Caller, Fold) is { } refusal)
            {
                Revoke(subscription, Head, refusal.Message);
            }
            else
            {
                subscription.Notify(SubscriptionStatus.Reset, "the log was replaced");
                subscription.NeedsSnapshot = true;
            }

            TryWrite(subscription);
        }

        beforeLoaded.AddRange(beforeAdmitted.Select(o => new FeedMessage.Subscribing(o with { AdmittedAt = 0 })));
        beforeAdmitted.Clear();
        foreach (var message in beforeLoaded)
        {
            if (isClosed)
            {
                Turn(message);
            }
            else
            {
                // What the log said of a cursor, it said before it was replaced.
                Take(load > 0 && message is FeedMessage.Subscribing late ? new FeedMessage.Subscribing(late.Order with { Fit = null }) : message);
            }
        }

        beforeLoaded.Clear();
    }

    private void TakeEvent(StoredEvent e)
    {
        ports.Memory.Taken(e);
        if (e.Sequence <= Head)
        {
            return; // the state that the feed began with held it already
        }

        hasNews = true;
        (fold, var effective) = Fold.Apply(e);
        if (effective)
        {
            TakeEffective(e);
        }

        Admit();
    }

    private void TakeEffective(StoredEvent e)
    {
        var arrived = ports.Time.GetTimestamp();
        newsSince = newsSince == 0 ? arrived : newsSince;
        decidedAt ??= e.Meta?.Surface is null ? null : e.Time; // other events' times are their publishers'
        ring.Add(new FeedEvent(e, Fold.LastState, arrived));
        if (e.Lane == Lane.State && frames.Count > 0 && MayClose(e.Type))
        {
            frames.Clear(); // from now on deltas are left out that these hold; who has missed some must not get the rest
        }

        if (AccessEvents.MayChangeAccess(e.Type))
        {
            foreach (var subscription in subscriptions.Values)
            {
                if (subscription.Revoked is null && TopicReadPolicy.Refusal(subscription.Caller, Fold) is not null)
                {
                    Revoke(subscription, e.Sequence, e.Type);
                }
            }
        }
    }

    // Subscribing for those who were let in by an event that has come now.
    private void Admit()
    {
        if (beforeAdmitted.Count > 0)
        {
            var admitted = beforeAdmitted.FindAll(o => o.AdmittedAt <= Head);
            beforeAdmitted.RemoveAll(o => o.AdmittedAt <= Head);
            admitted.ForEach(TakeSubscribe);
        }
    }

    private void TakeSubscribe(SubscribeOrder order)
    {
        var (request, topic) = (order.Request, Key.Topic.ToString());
        if (TopicReadPolicy.Refusal(order.Caller, Fold) is { } refusal)
        {
            // After the log was replaced the sequence may be of the old one, and would be waited for in vain.
            if (order.AdmittedAt > Head && load == 0)
            {
                beforeAdmitted.Add(order);
                return;
            }

            var status = refusal.Code == ErrorCode.Forbidden ? SubscribeStatus.Forbidden : SubscribeStatus.NotFound;
            order.Done(new SubscriptionOutcome(topic, status, request.Ref));
            return;
        }

        if (request.From == SubscribeFrom.Cursor && order.Fit is null && !FitsRing(order.Cursor))
        {
            order.AskAgain(AskAgain.CursorNeedsTheLog);
            return;
        }

        var subscription = new Subscription(this, order.Connection, order.Caller, request.Ref);
        if (!order.Connection.TryAdd(subscription, ports.Limits.SubscriptionsPerConnection))
        {
            order.Done(new SubscriptionOutcome(topic, SubscribeStatus.Limit, request.Ref));
            return;
        }

        if (subscriptions.TryGetValue(order.Connection, out var replaced))
        {
            replaced.HasEnded = true;
            replaced.DropPage();
            live.Remove(replaced);
            subscription.Notify(SubscriptionStatus.Replaced);
        }

        subscriptions[order.Connection] = subscription;
        wasWatched = true;
        ports.Observer.Began(Key, order.Caller);
        var began = Begin(subscription, order);
        order.Done(new SubscriptionOutcome(topic, began, request.Ref, CursorOf(subscription).ToString()));
        TryWrite(subscription);
    }

    // A thousand clients that come back at once ask the log for nothing.
    private bool FitsRing(Cursor cursor) =>
        cursor.Epoch == epoch && cursor.TopicHash == topicHash && cursor.Sequence >= ring.Floor && cursor.Sequence <= Head
        && cursor.LastState == (cursor.Sequence == Head ? Fold.LastState : ring.MarkAt(cursor.Sequence));

    private SubscribeStatus Begin(Subscription subscription, SubscribeOrder order)
    {
        switch (order.Request.From)
        {
            case SubscribeFrom.Earliest:
                subscription.MoveTo(0, default);
                return SubscribeStatus.Ok;
            case SubscribeFrom.Cursor when order.Fit is not CursorFit.Foreign && order.Cursor.Epoch == epoch:
                subscription.MoveTo(order.Cursor.Sequence, order.Cursor.LastState);
                return SubscribeStatus.Resumed;
            default:
                subscription.MoveTo(Head, Fold.LastState);
                subscription.NeedsSnapshot = order.Request.From != SubscribeFrom.Latest;
                return order.Request.From == SubscribeFrom.Cursor ? SubscribeStatus.Reset : SubscribeStatus.Ok;
        }
    }

    private void TakeLeave(FeedMessage.Leaving leaving)
    {
        if (subscriptions.TryGetValue(leaving.Connection, out var subscription))
        {
            End(subscription);
        }

        leaving.Done.TrySetResult();
    }

    private void TakePage(FeedMessage.PageRead read)
    {
        var subscription = read.Subscription;
        var isStale = subscription.IsReadStale;
        (subscription.IsReading, subscription.IsReadStale) = (false, false);
        if (read.Page is not null)
        {
            subscription.TakePage(read.Page);
        }

        if (subscription.HasEnded || isStale)
        {
            subscription.DropPage();
        }

        if (!subscription.HasEnded && (isStale || read.Page is not null))
        {
            TryWrite(subscription); // no page: the log did not answer, and the next sweep asks again
        }
    }

    private void TakeLogReplaced()
    {
        fold = null;
        foreach (var arrived in beforeLoaded.OfType<FeedMessage.Arrived>())
        {
            ports.Memory.Taken(arrived.Event); // of the log that is gone
        }

        beforeLoaded.RemoveAll(m => m is FeedMessage.Arrived);
        _ = LoadAsync(++load); // what comes meanwhile waits; every subscription begins anew when it is loaded
    }

    // Who subscribes from now on does it at the next feed, which finds what is there now: nothing, or a topic of the same name.
    private void TakeRemoved()
    {
        isRemoved = true;
        Retire(this);
        frames.Clear();
        ring.Restart(Head, Fold.LastState);
        beforeAdmitted.ForEach(o => o.AskAgain(AskAgain.FeedIsGone));
        beforeAdmitted.Clear();
        foreach (var subscription in subscriptions.Values.ToList())
        {
            Revoke(subscription, 0, "removed"); // at once: what was not written yet is not there any more
            TryWrite(subscription);
        }
    }

    private void End(Subscription subscription)
    {
        subscription.HasEnded = true;
        subscription.DropPage();
        live.Remove(subscription);
        subscription.Connection.Remove(subscription);
        if (subscriptions.TryGetValue(subscription.Connection, out var present) && ReferenceEquals(present, subscription))
        {
            subscriptions.Remove(subscription.Connection);
            ports.Observer.Ended(Key, subscription.Caller);
            idleSince = ports.Time.GetTimestamp();
        }
    }

    // Events up to the one that ended it are still delivered; what is no event ends at once.
    private void Revoke(Subscription subscription, long sequence, string reason)
    {
        subscription.Revoked = (sequence, reason);
        ports.Observer.Ended(Key, subscription.Caller);
    }

    private void Sweep()
    {
        ring.Trim();
        frames.Clear();
        snapshot = null;
        foreach (var subscription in subscriptions.Values.ToList())
        {
            if (!subscription.IsLive && !subscription.ToldBehind && IsBehind(subscription))
            {
                subscription.ToldBehind = true;
                subscription.Notify(SubscriptionStatus.Behind);
            }

            if (!subscription.IsLive && !subscription.IsReading)
            {
                TryWrite(subscription); // a read that failed is asked for again
            }
        }

        if (subscriptions.Count == 0 && beforeAdmitted.Count == 0 && (!wasWatched || ports.Time.GetElapsedTime(idleSince) > ports.Options.FeedIdleTime))
        {
            GoAway();
        }
    }

    private bool IsBehind(Subscription subscription) =>
        (subscription.BehindSince is { } since && ports.Time.GetElapsedTime(since) > ports.Options.BehindTime)
        || (subscription.WasLive && (subscription.Position < ring.Floor || ring.After(subscription.Position).Length > ports.Options.BehindEvents));

    /// <summary>Leaves the registry. Whoever comes too late is sent to the next feed of the topic, or told what failed.</summary>
    private void GoAway()
    {
        isClosed = true;
        Retire(this);
        ring.Restart(ring.Floor, default);
    }

    /// <summary>The feed cannot go on: who asked is told why, and who watched comes back by cursor.</summary>
    private void Fail(Exception exception)
    {
        failure = exception;
        GoAway();
        beforeLoaded.ForEach(Turn);
        beforeLoaded.Clear();
        beforeAdmitted.ForEach(o => o.Answer.TrySetException(exception));
        beforeAdmitted.Clear();
        foreach (var subscription in subscriptions.Values.ToList())
        {
            End(subscription);
            subscription.Connection.End();
        }
    }

    private void Turn(FeedMessage late)
    {
        switch (late)
        {
            case FeedMessage.Arrived arrived:
                ports.Memory.Taken(arrived.Event);
                break;
            case FeedMessage.PageRead read:
                TakePage(read); // its subscription has ended: only the page is let go
                break;
            case FeedMessage.Subscribing subscribing when failure is not null:
                subscribing.Order.Answer.TrySetException(failure); // the next feed would fare no better
                break;
            case FeedMessage.Subscribing subscribing:
                subscribing.Order.AskAgain(AskAgain.FeedIsGone);
                break;
            case FeedMessage.Leaving leaving:
                leaving.Done.TrySetResult();
                break;
            case FeedMessage.Granted granted:
                granted.Subscription.Connection.Release();
                break;
        }
    }
}
