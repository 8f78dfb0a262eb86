using RealtimeHub.Contracts;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Tests.Delivery.Model;

/// <summary>A cursor that a client held, and where it had it from: a frame, or the reply to a subscription.</summary>
internal sealed record HeldCursor(string Text, ModelClient Holder, int? Frame, LogPlace At);

/// <summary>A subscription as its client knows it.</summary>
/// <param name="Client">Whose.</param>
/// <param name="Request">What it asked for; its own <c>ref</c>.</param>
/// <param name="Origin">Where its cursor is from.</param>
/// <param name="FirstFrame">No frame before this number is its.</param>
/// <param name="AskedAt">Where the log was when it was asked for.</param>
/// <param name="NoticedEra">Which log the node knew of when it was asked for.</param>
internal sealed record ModelSubscription(
    ModelClient Client, SubscriptionRequest Request, HeldCursor? Origin, int FirstFrame, LogPlace AskedAt, int NoticedEra)
{
    public string Ref => Request.Ref!;

    public TopicKey Topic => new(Client.Caller.Tenant, RealtimeHub.Contracts.Topic.Parse(Request.Topic));

    /// <summary>What the hub answered; null: nothing.</summary>
    public SubscriptionOutcome? Outcome { get; set; }

    /// <summary>Whether anything was subscribed, as far as the client knows.</summary>
    public bool HasBegun => Outcome?.Cursor is not null;

    /// <summary>Where the log was when the answer came: an end of the permission above it is seen as it passes.</summary>
    public LogPlace AnsweredAt { get; set; }

    /// <summary>No frame from this number on is its.</summary>
    public int EndFrame { get; set; } = int.MaxValue;

    /// <summary>Whether its client wants no more of it, or is gone.</summary>
    public bool IsOver { get; set; }
}

/// <summary>A client on one connection: makes one call at a time, and comes back on a new one with the cursors that it holds.</summary>
internal sealed class ModelClient(ModelNode node, Caller caller, FakeConnection connection)
{
    private Task last = Task.CompletedTask; // its calls so far
    private volatile bool isLost;

    public Caller Caller => caller;

    public FakeConnection Connection => connection;

    /// <summary>Its subscriptions, in the order in which it asked for them.</summary>
    public List<ModelSubscription> Subscriptions { get; } = [];

    /// <summary>Whether it waits for an answer.</summary>
    public bool IsWaiting => !last.IsCompleted;

    /// <summary>By log: how many frames had been written when it was replaced.</summary>
    public List<int> ReplacedAt { get; init; } = [];

    /// <summary>By log: how many frames had been written when the feeds had been told of it.</summary>
    public List<int> NoticedAt { get; init; } = [];

    /// <summary>A call has failed, or the engine has ended the connection: it has to come back.</summary>
    public bool IsLost => isLost || connection.Ends > 0;

    /// <summary>What it received before the engine ended the connection: what comes after that is of no promise.</summary>
    public IEnumerable<(int Number, object Message)> Frames => connection.Numbered.TakeWhile(m => !(m.Number >= connection.EndedAt));

    /// <summary>What it watches, or would if it were not gone.</summary>
    public IEnumerable<ModelSubscription> Watched => Locked(() => Subscriptions.Where(s => s.EndFrame == int.MaxValue && s.Outcome is null or { Cursor: not null })
        .GroupBy(s => s.Request.Topic).Select(g => g.Last()).ToList());

    public void Subscribe(IReadOnlyList<(SubscriptionRequest Request, HeldCursor? Origin)> requests) => Call(async () =>
    {
        var asked = requests.Select(r => new ModelSubscription(this, r.Request, r.Origin, connection.Writes, node.Log.Place, NoticedAt.Count - 1)).ToList();
        Locked(() => Subscriptions.AddRange(asked));
        var outcomes = await node.Subscriptions.SubscribeAsync(caller, [.. requests.Select(r => r.Request)], CancellationToken.None);
        Locked(() => asked.Zip(outcomes).ToList().ForEach(pair => Answer(pair.First, pair.Second)));
    });

    public void Unsubscribe(IReadOnlyList<Topic> topics) => Call(async () =>
    {
        await node.Subscriptions.UnsubscribeAsync(caller, topics, CancellationToken.None);
        Locked(() =>
        {
            foreach (var subscription in Subscriptions.Where(s => s.EndFrame == int.MaxValue && topics.Contains(s.Topic.Topic)))
            {
                (subscription.IsOver, subscription.EndFrame) = (true, connection.Writes);
            }
        });
    });

    public void Disconnect()
    {
        isLost = true;
        connection.Break();
        node.Connections.Disconnected(connection.ConnectionId);
        Locked(() => Subscriptions.ForEach(s => s.IsOver = true));
    }

    /// <summary>The cursors that it was ever given for a topic, the newest last.</summary>
    public List<HeldCursor> CursorsOf(string topic)
    {
        var cursors = Locked(() => Subscriptions.Where(s => s.Request.Topic == topic && s.HasBegun)
            .Select(s => new HeldCursor(s.Outcome!.Cursor!, this, null, s.AnsweredAt)).ToList());
        cursors.AddRange(Frames.Where(m => Frame.TopicOf(m.Message) == topic && Frame.CursorOf(m.Message) is not null)
            .Select(m => new HeldCursor(Frame.CursorOf(m.Message)!, this, m.Number, default)));
        return cursors;
    }

    private void Answer(ModelSubscription subscription, SubscriptionOutcome outcome)
    {
        (subscription.Outcome, subscription.AnsweredAt) = (outcome, node.Log.Place);
        if (subscription.HasBegun)
        {
            foreach (var replaced in Subscriptions.TakeWhile(s => s != subscription).Where(s => s.Request.Topic == outcome.Topic))
            {
                replaced.IsOver = true;
            }
        }
    }

    private void Call(Func<Task> call) => last = CallAsync(last, call);

    private async Task CallAsync(Task before, Func<Task> call)
    {
        await before;
        if (isLost)
        {
            return;
        }

        try
        {
            await call();
        }
        catch (LogUnavailableException)
        {
            isLost = true; // what of it was done nobody knows
        }
    }

    private T Locked<T>(Func<T> read)
    {
        lock (Subscriptions)
        {
            return read();
        }
    }

    private void Locked(Action change)
    {
        lock (Subscriptions)
        {
            change();
        }
    }
}

/// <summary>What a frame holds.</summary>
internal static class Frame
{
    /// <summary>The cursor of a message; null when it has none.</summary>
    public static string? CursorOf(object message) => (message as EventsMessage)?.Cursor ?? (message as SnapshotMessage)?.Cursor;

    public static string? RefOf(object message) => (message as SnapshotMessage)?.Ref ?? (message as SubscriptionChangedMessage)?.Ref;

    public static string TopicOf(object message) => message switch
    {
        EventsMessage events => events.Topic,
        SnapshotMessage snapshot => snapshot.Topic,
        SubscriptionChangedMessage changed => changed.Topic,
        _ => "",
    };

    public static string Describe(object message) => message switch
    {
        EventsMessage events => $"events {string.Join(' ', events.Events.Select(e => e.Seq))}",
        SnapshotMessage snapshot => $"a snapshot at {Cursor.Parse(snapshot.Cursor).Sequence}",
        _ => $"{message}",
    };
}
