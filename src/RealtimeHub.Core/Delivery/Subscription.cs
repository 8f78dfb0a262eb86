using System.Diagnostics.CodeAnalysis;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Delivery;

/// <summary>A connection's cursor into a topic. Owned by the topic's feed: only its loop reads and writes it.</summary>
internal sealed class Subscription(Feed feed, DeliveryConnection connection, Caller caller, string? reference)
{
    private Queue<SubscriptionChangedMessage>? notices; // most subscriptions never have any
    private bool isWaiting;

    public Feed Feed { get; } = feed;

    public DeliveryConnection Connection { get; } = connection;

    public Caller Caller { get; } = caller;

    public string? Reference { get; } = reference;

    /// <summary>Everything at or below it was delivered, or need not be.</summary>
    public long Position { get; private set; }

    /// <summary>The topic's last state event at or before <see cref="Position"/>.</summary>
    public StateMark Mark { get; private set; }

    /// <summary>Whether it is at the head: what comes next is written as it comes.</summary>
    public bool IsLive => LiveIndex >= 0;

    /// <summary>Its place among the live ones; -1: it is not live. Owned by <see cref="LiveSubscriptions"/>.</summary>
    public int LiveIndex { get; set; } = -1;

    /// <summary>Whether it has been at the head before.</summary>
    public bool WasLive { get; set; }

    /// <summary>Whether the state is to be written before any event.</summary>
    public bool NeedsSnapshot { get; set; }

    /// <summary>The event that ended the permission: the last one to be delivered.</summary>
    public (long Sequence, string Reason)? Revoked { get; set; }

    /// <summary>What a catch-up read brought and was not written yet: the connection's one page.</summary>
    public LogPage? Page { get; private set; }

    /// <summary>Whether a catch-up read is on its way.</summary>
    public bool IsReading { get; set; }

    /// <summary>Whether what that read brings is of a log that was replaced.</summary>
    public bool IsReadStale { get; set; }

    /// <summary>When it fell behind; null while it keeps up, or has never been live and is young.</summary>
    public long? BehindSince { get; set; }

    /// <summary>Whether its client was told that it is behind.</summary>
    public bool ToldBehind { get; set; }

    /// <summary>Whether it ended: what is still on its way to it is dropped.</summary>
    public bool HasEnded { get; set; }

    /// <summary>Who lined up for the connection before it, then who has its turn after it. Owned by the connection.</summary>
    public Subscription? NextInLine { get; set; }

    /// <summary>Stands in line for the connection; false when it does already.</summary>
    public bool TryBeginWaiting() => !Interlocked.Exchange(ref isWaiting, true);

    /// <summary>Stands in line no more.</summary>
    public void EndWaiting() => Volatile.Write(ref isWaiting, false);

    public void TakePage(LogPage page) => Page = page;

    /// <summary>The page is through, or nobody wants it any more: the next one may be read for the connection.</summary>
    public void DropPage()
    {
        if (Page is not null)
        {
            Page = null;
            Connection.Pages.Release();
        }
    }

    public void MoveTo(long position, StateMark mark) => (Position, Mark) = (position, mark);

    /// <summary>Has the client told, before anything else is written.</summary>
    public void Notify(SubscriptionStatus status, string? reason = null) => (notices ??= []).Enqueue(NoticeOf(status, reason));

    public SubscriptionChangedMessage NoticeOf(SubscriptionStatus status, string? reason = null) =>
        new(Feed.Key.Topic.ToString(), status, Reference, reason);

    public bool TryTakeNotice([NotNullWhen(true)] out SubscriptionChangedMessage? notice)
    {
        notice = null;
        return notices is not null && notices.TryDequeue(out notice);
    }
}

/// <summary>A part of a topic's history, read for one subscription.</summary>
/// <param name="Events">In order.</param>
/// <param name="CoveredTo">When the page is through, everything at or below this is dealt with.</param>
internal sealed record LogPage(List<FeedEvent> Events, long CoveredTo)
{
    /// <summary>Index of the first event that was not written.</summary>
    public int Next { get; set; }
}
