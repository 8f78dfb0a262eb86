using RealtimeHub.Contracts;

namespace RealtimeHub.Core.Delivery;

/// <summary>A connection as its subscriptions share it: one of them holds it at a time, the others wait their turn.</summary>
/// <remarks>
/// Nothing is queued here but turns. Whoever gives the connection up hands it on under the same lock under which the others line up, so
/// that no subscription is left waiting for a wake-up that has already happened.
/// </remarks>
internal sealed class DeliveryConnection(IConnectionWriter writer, TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly Queue<Subscription> waiting = [];
    private readonly Dictionary<Feed, Subscription> subscriptions = [];
    private bool isHeld;
    private long writingSince;
    private bool isWriting;
    private bool isGone;
    private bool isEndedAsSlow;

    /// <summary>One catch-up read at a time: a client with many topics takes its turns like one with few.</summary>
    public SemaphoreSlim Reads { get; } = new(1, 1);

    public string Id => writer.ConnectionId;

    public IMessageEncoder Encoder => writer.Encoder;

    /// <summary>How long the write that is under way has made no progress; zero when none is.</summary>
    public TimeSpan StalledFor => Volatile.Read(ref isWriting) ? time.GetElapsedTime(Volatile.Read(ref writingSince)) : TimeSpan.Zero;

    /// <summary>Takes the connection for a subscription, or lines it up to be granted it later.</summary>
    public bool TryHold(Subscription subscription)
    {
        lock (gate)
        {
            if (!isHeld)
            {
                return isHeld = true;
            }

            if (!subscription.IsWaiting)
            {
                subscription.IsWaiting = true;
                waiting.Enqueue(subscription);
            }

            return false;
        }
    }

    /// <summary>Gives the connection up to whoever waits longest, and lines its holder up again behind the others.</summary>
    public void PassOn(Subscription holder)
    {
        lock (gate)
        {
            if (!holder.IsWaiting)
            {
                holder.IsWaiting = true;
                waiting.Enqueue(holder);
            }
        }

        Release();
    }

    /// <summary>Gives the connection up to whoever waits longest.</summary>
    public void Release()
    {
        Subscription? next;
        lock (gate)
        {
            isHeld = waiting.TryDequeue(out next);
            if (next is not null)
            {
                next.IsWaiting = false;
            }
        }

        next?.Feed.Grant(next);
    }

    /// <summary>Writes a frame; call it holding the connection. Completes at once while the client keeps up.</summary>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> frame)
    {
        var write = writer.WriteAsync(frame);
        if (write.IsCompletedSuccessfully)
        {
            return write;
        }

        Volatile.Write(ref writingSince, time.GetTimestamp());
        Volatile.Write(ref isWriting, true);
        return FinishAsync(write);
    }

    /// <summary>Notes a subscription; false when the connection is gone or has as many as it may have.</summary>
    public bool TryAdd(Subscription subscription, int limit)
    {
        lock (gate)
        {
            if (isGone || (subscriptions.Count >= limit && !subscriptions.ContainsKey(subscription.Feed)))
            {
                return false;
            }

            subscriptions[subscription.Feed] = subscription;
            return true;
        }
    }

    public void Remove(Subscription subscription)
    {
        lock (gate)
        {
            if (subscriptions.TryGetValue(subscription.Feed, out var present) && ReferenceEquals(present, subscription))
            {
                subscriptions.Remove(subscription.Feed);
            }
        }
    }

    /// <summary>The connection is gone; returns the feeds that it was subscribed to.</summary>
    public IReadOnlyList<Feed> Leave()
    {
        lock (gate)
        {
            isGone = true;
            return [.. subscriptions.Keys];
        }
    }

    /// <summary>Ends a connection that takes nothing, once: until the transport reports it gone it is looked at again and again.</summary>
    public void EndSlow()
    {
        if (Interlocked.Exchange(ref isEndedAsSlow, true))
        {
            return;
        }

        // Best effort: the pipe is full, so the client hears of it only if it begins to read in the last moment.
        var closing = new ClosingMessage(ClosingCode.SlowConsumer, "Nothing was read for too long.", Reconnect: true, AfterMs: 0);
        _ = writer.WriteAsync(Encoder.EncodeClosing(closing)).AsTask();
        writer.End(allowReconnect: true);
    }

    /// <summary>Ends the connection; its client may come back by itself.</summary>
    public void End() => writer.End(allowReconnect: true);

    /// <summary>Says that the connection is about to end. The transport keeps frames in order, so it need not be held for this.</summary>
    public ValueTask SayClosingAsync(ClosingMessage message) => writer.WriteAsync(Encoder.EncodeClosing(message));

    private async ValueTask FinishAsync(ValueTask write)
    {
        await write;
        Volatile.Write(ref isWriting, false);
    }
}
