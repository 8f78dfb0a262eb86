using System.Text.Json;
using RealtimeHub.Client.Connection;
using RealtimeHub.Contracts;

namespace RealtimeHub.Client.Subscriptions;

/// <summary>One topic's position and buffer: keeps what arrived until the consumer takes it, and knows from where to go on.</summary>
/// <remarks>
/// Only the messages of the session and the <c>ref</c> of the newest request count. Everything up to <see cref="lastSeq"/>
/// was taken over already, so whatever is repeated is dropped.
/// </remarks>
internal sealed class TopicSubscription(string topic, StartPosition start, int maxBufferedEvents)
{
    private readonly Lock gate = new();
    private readonly ItemBuffer buffer = new();
    private HubSession? session;
    private string? currentRef;
    private StartPosition position = start;
    private long lastSeq = -1;
    private bool positioned = start.Cursor is not null;
    private bool fenced;
    private bool needsSnapshot;
    private bool heard;
    private bool ended;

    public string Topic => topic;

    /// <summary>The buffer overflowed; the topic was left and is to be asked for again when the buffer is empty.</summary>
    public bool Paused { get; private set; }

    /// <summary>The newest request to the server, under way or done.</summary>
    public Task Asking { get; set; } = Task.CompletedTask;

    /// <summary>The newest withdrawal, under way or done.</summary>
    public Task Leaving { get; set; } = Task.CompletedTask;

    /// <summary>The request for this session; null when it was made already, or nothing is wanted any more.</summary>
    /// <param name="on">The session.</param>
    /// <param name="newRef">A ref that was never used before.</param>
    /// <param name="fence">The server may still be sending for an older request: wait for <c>replaced</c>.</param>
    public SubscriptionRequest? Begin(HubSession on, string newRef, bool fence)
    {
        lock (gate)
        {
            if (ended || session == on)
            {
                return null;
            }

            session = on;
            fenced = fence;
            Paused = false;
            return Ask(newRef);
        }
    }

    /// <summary>The same request once more, after it was refused for the moment.</summary>
    public SubscriptionRequest? Again(HubSession on, string newRef)
    {
        lock (gate)
        {
            return ended || session != on ? null : Ask(newRef);
        }
    }

    public void OnOutcome(HubSession from, SubscriptionOutcome outcome)
    {
        lock (gate)
        {
            if (!IsCurrent(from, outcome.Ref))
            {
                return;
            }

            switch (outcome.Status)
            {
                case SubscribeStatus.Ok or SubscribeStatus.Resumed:
                    // Without this a subscription that has seen nothing yet would start afresh after a reconnection.
                    if (!heard && !needsSnapshot && outcome.Cursor is { } cursor)
                    {
                        position = StartPosition.After(cursor);
                    }

                    break;
                case SubscribeStatus.Reset or SubscribeStatus.Expired:
                    if (!heard)
                    {
                        ExpectSnapshot();
                    }

                    break;
                default:
                    End(outcome.Status switch
                    {
                        SubscribeStatus.Forbidden => SubscriptionEnd.Forbidden,
                        SubscribeStatus.Limit => SubscriptionEnd.Limit,
                        _ => SubscriptionEnd.NotFound,
                    }, reason: null);
                    break;
            }
        }
    }

    public void OnSnapshot(HubSession from, SnapshotMessage message)
    {
        lock (gate)
        {
            if (!IsCurrent(from, message.Ref) || fenced)
            {
                return;
            }

            heard = true;
            lastSeq = SequenceOf(message);
            position = StartPosition.After(message.Cursor);
            needsSnapshot = false;
            buffer.Add(new SnapshotReceived(topic, message.State, message.Cursor, Restart: positioned));
            positioned = true;
        }
    }

    /// <summary>Takes events over; false when the buffer is full and the topic should be left for a while.</summary>
    public bool OnEvents(HubSession from, EventsMessage message)
    {
        lock (gate)
        {
            if (ended || session != from || fenced || needsSnapshot || Paused)
            {
                return true;
            }

            var fresh = message.Events.Count > 0 && message.Events[0].Seq > lastSeq
                ? message.Events
                : [.. message.Events.Where(e => e.Seq > lastSeq)];
            if (buffer.Events > 0 && buffer.Events + fresh.Count > maxBufferedEvents)
            {
                Paused = true;
                return false;
            }

            heard = positioned = true;
            position = StartPosition.After(message.Cursor);
            if (fresh.Count > 0)
            {
                lastSeq = fresh[^1].Seq;
                buffer.Add(new EventsReceived(topic, fresh, message.Cursor));
            }

            return true;
        }
    }

    public void OnChanged(HubSession from, SubscriptionChangedMessage message)
    {
        lock (gate)
        {
            if (message.Status == SubscriptionStatus.Replaced)
            {
                fenced = fenced && !IsCurrent(from, message.Ref);
            }
            else if (IsCurrent(from, message.Ref) && !fenced)
            {
                switch (message.Status)
                {
                    case SubscriptionStatus.Revoked:
                        End(SubscriptionEnd.Revoked, message.Reason);
                        break;
                    case SubscriptionStatus.Reset:
                        ExpectSnapshot();
                        buffer.Add(new SubscriptionChanged(topic, message.Status, message.Reason));
                        break;
                    default:
                        buffer.Add(new SubscriptionChanged(topic, message.Status, message.Reason));
                        break;
                }
            }
        }
    }

    public bool IsOn(HubSession other)
    {
        lock (gate)
        {
            return session == other;
        }
    }

    /// <summary>Nothing more of this session counts, and a new request may be made on it.</summary>
    public void Leave(HubSession from)
    {
        lock (gate)
        {
            session = session == from ? null : session;
        }
    }

    /// <summary>The consumer has gone: nothing is asked for any more.</summary>
    public void Stop()
    {
        lock (gate)
        {
            ended = true;
        }
    }

    /// <summary>Ends it with a last item.</summary>
    public void Finish(SubscriptionEnd why, string? reason)
    {
        lock (gate)
        {
            End(why, reason);
        }
    }

    /// <summary>Ends it with an exception for the consumer.</summary>
    public void Fail(Exception reason)
    {
        lock (gate)
        {
            buffer.Fail(reason);
            ended = true;
        }
    }

    /// <summary>The next item, if one waits; else null and a task that completes when it may be worth looking again.</summary>
    public SubscriptionItem? TryTake(out Task wait)
    {
        lock (gate)
        {
            var item = buffer.Take();
            wait = item is null && !Paused ? buffer.Arrival() : Task.CompletedTask;
            return item;
        }
    }

    // Every state carries the sequence of its last event, so that events which repeat it are known.
    private static long SequenceOf(SnapshotMessage message) =>
        message.State.ValueKind == JsonValueKind.Object
        && message.State.TryGetProperty("seq", out var seq) && seq.TryGetInt64(out var value) ? value : -1;

    private SubscriptionRequest Ask(string newRef)
    {
        currentRef = newRef;
        heard = false;
        needsSnapshot = position.From == SubscribeFrom.Snapshot;
        return new SubscriptionRequest { Topic = topic, From = position.From, Cursor = position.Cursor, Ref = newRef };
    }

    private bool IsCurrent(HubSession from, string? messageRef) =>
        !ended && session == from && (messageRef is null || messageRef == currentRef);

    private void ExpectSnapshot()
    {
        needsSnapshot = true;
        lastSeq = -1;
        position = StartPosition.Snapshot;
    }

    private void End(SubscriptionEnd why, string? reason)
    {
        if (!ended)
        {
            buffer.Add(new SubscriptionEnded(topic, why, reason));
            ended = true;
        }
    }
}
