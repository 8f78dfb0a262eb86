using RealtimeHub.Contracts;
using RealtimeHub.Core.Telemetry;

namespace RealtimeHub.Core.Delivery;

/// <summary>A connection as its subscriptions share it: one of them holds it at a time, the others wait their turn.</summary>
/// <remarks>
/// <para>
/// Nothing is queued here but turns. The connection is idle, writing (a subscription holds it) or busy (its client has not taken the last
/// frame yet), changed by compare-and-swap.
/// </para>
/// <para>
/// No wake-up is lost: who could not take the connection lines up first and then looks whether it has become idle meanwhile; who gives it
/// up makes it idle first and then looks whether somebody has lined up meanwhile. One of the two sees the other.
/// </para>
/// </remarks>
internal sealed class DeliveryConnection(IConnectionWriter writer, TimeProvider time)
{
    private readonly Lock gate = new(); // for the set of subscriptions; nothing that is delivered waits for it
    private readonly List<Subscription> subscriptions = new(capacity: 1); // one a feed; most connections have a few
    private volatile State state;
    private Subscription? linedUp; // newest first; anybody pushes, whoever holds the connection takes all
    private Subscription? turns; // oldest first; the holder's alone
    private SemaphoreSlim? pages; // most connections never read history
    private long busySince;
    private int busyBytes;
    private bool isGone;
    private bool isEndedAsSlow;

    private enum State
    {
        Idle,
        Writing,
        Busy,
    }

    /// <summary>The one page of history that the connection may have in memory: a client with many topics takes its turns like one with few.</summary>
    /// <remarks>Entered for a read, and left when the page was written or is not wanted.</remarks>
    public SemaphoreSlim Pages => pages ?? Interlocked.CompareExchange(ref pages, new SemaphoreSlim(1, 1), null) ?? pages;

    public string Id => writer.ConnectionId;

    public string Hub => writer.Hub;

    public IMessageEncoder Encoder => writer.Encoder;

    /// <summary>Adds the connection, as it is now, to sums.</summary>
    public void Count(ref int idle, ref int writing, ref int busy, ref int allSubscriptions)
    {
        ref var sum = ref writing;
        switch (state)
        {
            case State.Idle:
                sum = ref idle;
                break;
            case State.Busy:
                sum = ref busy;
                break;
        }

        sum++;
        lock (gate)
        {
            allSubscriptions += subscriptions.Count;
        }
    }

    /// <summary>Takes the connection for a subscription, or lines it up to be granted it later.</summary>
    public bool TryHold(Subscription subscription)
    {
        if (TryTake())
        {
            return true;
        }

        LineUp(subscription);
        if (TryTake())
        {
            Release(); // it became idle meanwhile: whoever is first in line has it now
        }

        return false;
    }

    /// <summary>Gives the connection up to whoever waits longest, and lines its holder up again behind the others.</summary>
    public void PassOn(Subscription holder)
    {
        LineUp(holder);
        Release();
    }

    /// <summary>Gives the connection up to whoever waits longest.</summary>
    public void Release()
    {
        do
        {
            if (NextInLine() is { } next)
            {
                next.Feed.Grant(next);
                return;
            }

            Interlocked.Exchange(ref state, State.Idle);
        }
        while (Volatile.Read(ref linedUp) is not null && TryTake());
    }

    /// <summary>Writes a frame; call it holding the connection. Completes at once while the client keeps up.</summary>
    public ValueTask WriteAsync(Frame frame)
    {
        var write = writer.WriteAsync(frame);
        if (write.IsCompletedSuccessfully)
        {
            return write;
        }

        busyBytes = frame.Bytes.Length;
        busySince = time.GetTimestamp();
        state = State.Busy;
        return DrainAsync(write);
    }

    /// <summary>Whether the client has taken nothing for too long. A frame that is larger than a batch has that much more time.</summary>
    public bool IsStalled(DeliveryOptions options) =>
        state == State.Busy
        && time.GetElapsedTime(busySince) > options.ProgressTimeout * Math.Max(1, busyBytes / DeliveryOptions.ProgressBytes);

    /// <summary>Notes a subscription; false when the connection is gone or has as many as it may have.</summary>
    public bool TryAdd(Subscription subscription, int limit)
    {
        lock (gate)
        {
            var place = subscriptions.FindIndex(s => ReferenceEquals(s.Feed, subscription.Feed));
            if (isGone || (place < 0 && subscriptions.Count >= limit))
            {
                return false;
            }

            if (place < 0)
            {
                subscriptions.Add(subscription);
            }
            else
            {
                subscriptions[place] = subscription;
            }

            return true;
        }
    }

    public void Remove(Subscription subscription)
    {
        lock (gate)
        {
            subscriptions.Remove(subscription);
        }
    }

    /// <summary>The connection is gone; returns the feeds that it was subscribed to.</summary>
    public IReadOnlyList<Feed> Leave()
    {
        lock (gate)
        {
            isGone = true;
            return [.. subscriptions.Select(s => s.Feed)];
        }
    }

    /// <summary>Ends a connection that takes nothing, once: until the transport reports it gone it is looked at again and again.</summary>
    public void EndSlow()
    {
        if (Interlocked.Exchange(ref isEndedAsSlow, true))
        {
            return;
        }

        Metrics.SlowConsumers.Add(1);

        // Best effort: the pipe is full, so the client hears of it only if it begins to read in the last moment.
        _ = SayClosingAsync(new ClosingMessage(ClosingCode.SlowConsumer, "Nothing was read for too long.", Reconnect: true, AfterMs: 0)).AsTask();
        writer.End(allowReconnect: true);
    }

    /// <summary>Ends the connection; its client may come back by itself.</summary>
    public void End() => writer.End(allowReconnect: true);

    /// <summary>Says that the connection is about to end. The transport keeps frames in order, so it need not be held for this.</summary>
    public ValueTask SayClosingAsync(ClosingMessage message) => writer.WriteAsync(new Frame(Encoder.EncodeClosing(message)));

    private async ValueTask DrainAsync(ValueTask write)
    {
        await write;
        state = State.Writing;
    }

    private bool TryTake() => Interlocked.CompareExchange(ref state, State.Writing, State.Idle) == State.Idle;

    private void LineUp(Subscription subscription)
    {
        if (!subscription.TryBeginWaiting())
        {
            return; // it is in line already
        }

        Subscription? newest;
        do
        {
            newest = Volatile.Read(ref linedUp);
            subscription.NextInLine = newest;
        }
        while (!ReferenceEquals(Interlocked.CompareExchange(ref linedUp, subscription, newest), newest));
    }

    // Call it holding the connection.
    private Subscription? NextInLine()
    {
        if (turns is null)
        {
            for (var newest = Interlocked.Exchange(ref linedUp, null); newest is not null;)
            {
                var older = newest.NextInLine;
                (newest.NextInLine, turns) = (turns, newest);
                newest = older;
            }
        }

        if (turns is not { } next)
        {
            return null;
        }

        (turns, next.NextInLine) = (next.NextInLine, null);
        next.EndWaiting();
        return next;
    }
}
