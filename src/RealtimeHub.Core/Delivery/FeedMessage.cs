using RealtimeHub.Contracts;
using RealtimeHub.Core.Folds;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Delivery;

/// <summary>What a feed is told. Its loop takes one at a time.</summary>
internal abstract record FeedMessage
{
    /// <summary>The topic's state as it was when the feed was registered, or later.</summary>
    internal sealed record Loaded(int Load, TopicFold Fold, ulong Epoch) : FeedMessage;

    /// <summary>The state could not be read: whoever asked is told, and the feed goes away.</summary>
    internal sealed record LoadFailed(int Load, Exception Exception) : FeedMessage;

    /// <summary>The tail has an event of the topic.</summary>
    internal sealed record Arrived(StoredEvent Event) : FeedMessage;

    /// <summary>A connection wants to subscribe.</summary>
    internal sealed record Subscribing(SubscribeOrder Order) : FeedMessage;

    /// <summary>A connection wants no more, or is gone.</summary>
    internal sealed record Leaving(DeliveryConnection Connection, TaskCompletionSource Done) : FeedMessage;

    /// <summary>The connection is the subscription's to write to.</summary>
    internal sealed record Granted(Subscription Subscription) : FeedMessage;

    /// <summary>A catch-up read came back; no page: the log did not answer.</summary>
    internal sealed record PageRead(Subscription Subscription, LogPage? Page) : FeedMessage;

    /// <summary>Time to look at lag and idleness.</summary>
    internal sealed record Swept : FeedMessage;

    /// <summary>The topic was removed from the log: whoever watches is told so, and the feed goes away.</summary>
    internal sealed record Removed : FeedMessage;

    /// <summary>The log is another one.</summary>
    internal sealed record LogReplaced : FeedMessage;
}

/// <summary>A subscription that is asked for.</summary>
/// <param name="Connection">Whose.</param>
/// <param name="Caller">Who asks.</param>
/// <param name="Request">What for.</param>
/// <param name="Cursor">The cursor of the request, if it has one.</param>
/// <param name="Fit">Whether that cursor fits the log; null: nobody has asked the log yet.</param>
/// <param name="AdmittedAt">The sequence at which the log lets the caller in: the feed refuses nobody before it is there; 0: not known.</param>
/// <param name="Answer">Where the answer goes.</param>
internal sealed record SubscribeOrder(
    DeliveryConnection Connection,
    Caller Caller,
    SubscriptionRequest Request,
    Cursor Cursor,
    CursorFit? Fit,
    long AdmittedAt,
    TaskCompletionSource<SubscribeAnswer> Answer)
{
    /// <summary>That is how it went.</summary>
    public void Done(SubscriptionOutcome outcome) => Answer.TrySetResult(new SubscribeAnswer(outcome));

    /// <summary>It has to be asked again.</summary>
    public void AskAgain(AskAgain why) => Answer.TrySetResult(new SubscribeAnswer(null, why));
}

/// <summary>What a feed says to a <see cref="SubscribeOrder"/>.</summary>
/// <param name="Outcome">How it went; null: ask again.</param>
/// <param name="Why">Why to ask again.</param>
internal readonly record struct SubscribeAnswer(SubscriptionOutcome? Outcome, AskAgain Why = default);

/// <summary>Why a subscription has to be asked for again.</summary>
internal enum AskAgain
{
    /// <summary>This feed has gone away: ask the next one of the topic.</summary>
    FeedIsGone,

    /// <summary>The cursor is older than the ring, or does not fit it: the log says whether it fits.</summary>
    CursorNeedsTheLog,
}
