using System.Runtime.InteropServices;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Telemetry;

namespace RealtimeHub.Core.Delivery;

/// <content>What is written: live events, and what a subscription catches up on.</content>
internal sealed partial class Feed
{
    private readonly List<ReadOnlyMemory<byte>> batch = []; // of the frame that is being made

    /// <summary>Writes to every live subscription what has come since the last dispatch.</summary>
    private void Dispatch()
    {
        if (fold is null || !hasNews)
        {
            return;
        }

        hasNews = false;
        var (since, decided) = live.Count > 0 ? (newsSince, decidedAt) : default;
        (newsSince, decidedAt) = (0, null);
        for (var i = live.Count - 1; i >= 0; i--)
        {
            var subscription = live[i];
            if (subscription.Position < Head || subscription.Revoked is not null)
            {
                TryWrite(subscription);
            }
        }

        // Once a dispatch: what it costs is shared by everything that was written.
        if (since != 0 && Metrics.DeliveryDelay.Enabled)
        {
            Metrics.DeliveryDelay.Record(ports.Time.GetElapsedTime(since).TotalSeconds);
        }

        if (decided is { } time && Metrics.DeliveryLag.Enabled)
        {
            Metrics.DeliveryLag.Record(Math.Max(0, (ports.Time.GetUtcNow() - time).TotalSeconds)); // another node's clock may be ahead
        }
    }

    private void ReportDelivered()
    {
        if (delivered > 0)
        {
            ports.Counters.CountDeliveries(delivered);
            delivered = 0;
        }
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
            delivered += frame.Events;
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
    private Frame? NextFrame(Subscription subscription)
    {
        var encoder = subscription.Connection.Encoder;
        while (true)
        {
            if (subscription.TryTakeNotice(out var notice))
            {
                return new Frame(encoder.EncodeSubscriptionChanged(notice));
            }

            // A snapshot that was not written yet would show the state after the end.
            if (subscription.Revoked is { } revoked && (subscription.Position >= revoked.Sequence || subscription.NeedsSnapshot))
            {
                End(subscription);
                return new Frame(encoder.EncodeSubscriptionChanged(subscription.NoticeOf(SubscriptionStatus.Revoked, revoked.Reason)));
            }

            if (subscription.NeedsSnapshot)
            {
                subscription.NeedsSnapshot = false;
                subscription.MoveTo(Head, Fold.LastState);
                return new Frame(encoder.EncodeSnapshot(Key.Topic, subscription.Reference, SnapshotAtHead(), CursorOf(subscription)));
            }

            if (subscription.Page is { } page)
            {
                if (BatchFromPage(subscription, page) is { } frame)
                {
                    return frame;
                }

                if (subscription.Page is { } rest && subscription.Revoked is { } end && rest.Events[rest.Next].Sequence > end.Sequence)
                {
                    subscription.MoveTo(end.Sequence, subscription.Mark); // the event that ended it is not in the log any more
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

    private Frame? BatchFromPage(Subscription subscription, LogPage page)
    {
        var (bytes, _) = Batch(subscription, CollectionsMarshal.AsSpan(page.Events)[page.Next..]);
        while (page.Next < page.Events.Count && page.Events[page.Next].Sequence <= subscription.Position)
        {
            page.Next++;
        }

        if (page.Next == page.Events.Count)
        {
            subscription.DropPage();
            subscription.MoveTo(Math.Max(subscription.Position, page.CoveredTo), subscription.Mark);
        }

        return bytes is null ? null : new Frame(bytes.Value, batch.Count);
    }

    /// <summary>Subscriptions at the same place get the same bytes.</summary>
    private Frame? BatchFromRing(Subscription subscription)
    {
        var (from, encoder) = (subscription.Position, subscription.Connection.Encoder);
        if (subscription.Revoked is null && frames.Find(encoder, from, Head) is { } made)
        {
            subscription.MoveTo(made.Position, made.Mark);
            return made.Frame;
        }

        var (bytes, isCut) = Batch(subscription, ring.After(from));
        if (bytes is null)
        {
            if (subscription.Revoked is null)
            {
                // What is left up to the head is not for clients: deltas of what is complete, events without a place.
                subscription.MoveTo(Head, Fold.LastState);
            }

            return null;
        }

        var frame = new Frame(bytes.Value, batch.Count);
        if (subscription.Revoked is null)
        {
            frames.Add(new CachedFrame(encoder, from, frame, subscription.Position, subscription.Mark, isCut));
        }

        return frame;
    }

    /// <summary>
    /// As many of the events as fit one frame, and whether there were more; moves the subscription past them. Null when none of them is to be
    /// delivered.
    /// </summary>
    private (ReadOnlyMemory<byte>? Frame, bool IsCut) Batch(Subscription subscription, ReadOnlySpan<FeedEvent> events)
    {
        var encoder = subscription.Connection.Encoder;
        var (size, chunk, isCut) = (DeliveryOptions.EnvelopeBytes, 0L, false);
        batch.Clear();
        foreach (var e in events)
        {
            if (e.Sequence > subscription.Revoked?.Sequence)
            {
                break;
            }

            if (IsToBeDelivered(e))
            {
                var bytes = e.Encode(encoder);
                if (batch.Count > 0 && (e.Chunk != chunk || size + bytes.Length > ports.Options.BatchBytes))
                {
                    isCut = true;
                    break;
                }

                chunk = e.Chunk;
                batch.Add(bytes);
                size += bytes.Length + 1;
            }

            subscription.MoveTo(e.Sequence, e.Mark);
        }

        if (batch.Count == 0)
        {
            return default; // not in a conditional expression: there null would become an empty frame
        }

        Metrics.BatchSize.Record(batch.Count);
        return (encoder.EncodeEvents(Key.Topic, CursorOf(subscription), batch), isCut);
    }

    // A delta of what is complete is left out, for all alike, so that they can share frames: its .completed follows, and holds the whole.
    private bool IsToBeDelivered(FeedEvent e) =>
        (e.Stored.Lane == Lane.State || Fold.IsOpen(e.DeltaOf)) && !Fold.IsMisplaced(e.Sequence, e.DeltaOf);

    // After these an item may be open no more.
    private static bool MayClose(string type) =>
        type.EndsWith(".completed", StringComparison.Ordinal) || type is EventTypes.RunFailed or EventTypes.RunCancelled;

    private Cursor CursorOf(Subscription subscription) => new(epoch, topicHash, subscription.Position, subscription.Mark);

    // Many who come at once get the state written once.
    private ReadOnlyMemory<byte> SnapshotAtHead()
    {
        if (snapshot is not { } made || made.At != Head)
        {
            snapshot = made = (Head, Fold.WriteSnapshot(epoch));
        }

        return made.State;
    }

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
    private bool CatchUp(Subscription subscription)
    {
        live.Add(subscription);
        (subscription.WasLive, subscription.BehindSince) = (true, null);
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
        live.Remove(subscription);
        subscription.BehindSince ??= ports.Time.GetTimestamp();
    }
}
