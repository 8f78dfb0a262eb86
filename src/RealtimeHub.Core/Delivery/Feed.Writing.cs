using System.Runtime.InteropServices;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Delivery;

/// <content>What is written: live events, and what a subscription catches up on.</content>
internal sealed partial class Feed
{
    /// <summary>Writes to every live subscription what has come since the last dispatch.</summary>
    private void Dispatch()
    {
        if (fold is null)
        {
            return;
        }

        foreach (var subscription in subscriptions.Values.Where(s => s.IsLive && (s.Position < Head || s.Revoked is not null)).ToList())
        {
            TryWrite(subscription);
        }

        frames.Clear(); // a topic that falls silent keeps none
    }

    private void TryWrite(Subscription subscription)
    {
        if (subscription.Connection.TryHold(subscription))
        {
            Write(subscription);
        }
        else
        {
            FallBehind(subscription);
        }
    }

    /// <summary>Writes what there is for a subscription that holds its connection, and gives the connection up when nothing is left.</summary>
    private void Write(Subscription subscription)
    {
        for (var turn = 0; turn < ports.Options.FramesPerTurn; turn++)
        {
            if (subscription.HasEnded || fold is null || NextFrame(subscription) is not { } frame)
            {
                subscription.Connection.Release();
                return;
            }

            var write = subscription.Connection.WriteAsync(frame);
            if (!write.IsCompletedSuccessfully)
            {
                // Busy: the connection stays held until the client has taken the frame, and nothing is queued meanwhile.
                FallBehind(subscription);
                _ = FinishAsync(subscription, write);
                return;
            }
        }

        subscription.Connection.PassOn(subscription);
    }

    private static async Task FinishAsync(Subscription subscription, ValueTask write)
    {
        await write;
        subscription.Connection.PassOn(subscription);
    }

    /// <summary>The next frame for a subscription; null when it is at the head, or waits for the log.</summary>
    private ReadOnlyMemory<byte>? NextFrame(Subscription subscription)
    {
        var encoder = subscription.Connection.Encoder;
        while (true)
        {
            if (subscription.TryTakeNotice(out var notice))
            {
                return encoder.EncodeSubscriptionChanged(notice!);
            }

            // A snapshot that was not written yet would show the state after the end.
            if (subscription.Revoked is { } revoked && (subscription.Position >= revoked.Sequence || subscription.NeedsSnapshot))
            {
                End(subscription);
                return encoder.EncodeSubscriptionChanged(subscription.NoticeOf(SubscriptionStatus.Revoked, revoked.Reason));
            }

            if (subscription.NeedsSnapshot)
            {
                subscription.NeedsSnapshot = false;
                subscription.MoveTo(Head, Fold.LastState);
                return encoder.EncodeSnapshot(Key.Topic, subscription.Reference, Fold.WriteSnapshot(epoch), CursorOf(subscription));
            }

            if (subscription.Page is { } page)
            {
                var frame = Batch(subscription, CollectionsMarshal.AsSpan(page.Events)[page.Next..]);
                while (page.Next < page.Events.Count && page.Events[page.Next].Sequence <= subscription.Position)
                {
                    page.Next++;
                }

                if (frame is not null)
                {
                    return frame;
                }

                if (page.Next < page.Events.Count && subscription.Revoked is { } end && page.Events[page.Next].Sequence > end.Sequence)
                {
                    subscription.MoveTo(end.Sequence, subscription.Mark); // the event that ended it is not in the log any more
                    continue;
                }

                if (page.Next == page.Events.Count)
                {
                    subscription.Page = null;
                    subscription.MoveTo(Math.Max(subscription.Position, page.CoveredTo), subscription.Mark);
                }
            }
            else if (subscription.Position >= Head)
            {
                if (!CatchUp(subscription))
                {
                    return null;
                }
            }
            else if (subscription.Position >= ring.Floor)
            {
                if (BatchFromRing(subscription) is { } frame)
                {
                    return frame;
                }
            }
            else
            {
                ReadPage(subscription);
                return null;
            }
        }
    }

    /// <summary>Live subscriptions at the same place get the same bytes.</summary>
    private ReadOnlyMemory<byte>? BatchFromRing(Subscription subscription)
    {
        var from = (subscription.Connection.Encoder, subscription.Position);
        var shared = subscription is { IsLive: true, Revoked: null };
        if (shared && frames.TryGetValue(from, out var made))
        {
            subscription.MoveTo(made.Position, made.Mark);
            return made.Frame;
        }

        var frame = Batch(subscription, ring.After(subscription.Position));
        if (frame is null && subscription.Revoked is null)
        {
            // What is left up to the head is not for clients: deltas of what is complete, events without a place.
            subscription.MoveTo(Head, Fold.LastState);
        }
        else if (frame is not null && shared)
        {
            frames[from] = (frame.Value, subscription.Position, subscription.Mark);
        }

        return frame;
    }

    /// <summary>As many of the events as fit one frame; moves the subscription past them. Null when none of them is to be delivered.</summary>
    private ReadOnlyMemory<byte>? Batch(Subscription subscription, ReadOnlySpan<FeedEvent> events)
    {
        var encoder = subscription.Connection.Encoder;
        var batch = new List<ReadOnlyMemory<byte>>();
        var size = 0;
        foreach (var e in events)
        {
            if (e.Sequence > subscription.Revoked?.Sequence)
            {
                break;
            }

            if (subscription.IsLive || BelongsToCatchUp(e))
            {
                var bytes = e.Encode(encoder);
                if (batch.Count > 0 && size + bytes.Length > ports.Options.BatchBytes)
                {
                    break;
                }

                batch.Add(bytes);
                size += bytes.Length;
            }

            subscription.MoveTo(e.Sequence, e.Mark);
        }

        if (batch.Count == 0)
        {
            return null; // not in a conditional expression: there null would become an empty frame
        }

        return encoder.EncodeEvents(Key.Topic, CursorOf(subscription), batch);
    }

    // A delta of what is complete is left out: its .completed follows, and holds the whole. What has no place was not live either.
    private bool BelongsToCatchUp(FeedEvent e) =>
        (e.Stored.Lane == Lane.State || Fold.IsOpen(e.DeltaOf)) && !Fold.Misplaced.Contains(e.Sequence);

    private Cursor CursorOf(Subscription subscription) => Cursor.At(epoch, Key, subscription.Position, subscription.Mark);

    private void ReadPage(Subscription subscription)
    {
        if (!subscription.IsReading)
        {
            FallBehind(subscription); // also one that had a turn's worth to write while the ring moved on
            subscription.IsReading = true;
            _ = ports.Pages.ReadAsync(subscription, ring.Floor, Fold.State.OldestOpen);
        }
    }

    /// <summary>At the head. True when the client is to be told so.</summary>
    private static bool CatchUp(Subscription subscription)
    {
        (subscription.IsLive, subscription.WasLive, subscription.BehindSince) = (true, true, null);
        if (!subscription.ToldBehind)
        {
            return false;
        }

        subscription.ToldBehind = false;
        subscription.Notify(SubscriptionStatus.Live);
        return true;
    }

    private void FallBehind(Subscription subscription)
    {
        subscription.IsLive = false;
        subscription.BehindSince ??= ports.Time.GetTimestamp();
    }
}
