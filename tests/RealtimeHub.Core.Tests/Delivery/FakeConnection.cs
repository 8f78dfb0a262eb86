using RealtimeHub.Contracts;
using RealtimeHub.Core.Delivery;
using RealtimeHub.Core.Log;
using RealtimeHub.Specification;

namespace RealtimeHub.Core.Tests.Delivery;

/// <summary>A client's connection that remembers what its client received, and takes nothing while it is stalled.</summary>
internal sealed class FakeConnection(string id, IMessageEncoder encoder) : IConnectionWriter
{
    private readonly Lock gate = new();
    private readonly List<(int Number, object Message)> messages = [];
    private readonly Queue<(int Number, ReadOnlyMemory<byte> Frame, TaskCompletionSource Taken)> pending = [];
    private readonly List<(Func<FakeConnection, bool> Predicate, TaskCompletionSource Done)> waiting = [];
    private bool isStalled;
    private bool isGone;

    public string ConnectionId => id;

    public IMessageEncoder Encoder => encoder;

    /// <summary>Called with each message as it is written, on the writer's thread.</summary>
    public Action<object>? OnWrite { get; set; }

    /// <summary>Whether each frame is taken a turn later, and not at once.</summary>
    public bool TakesLater { get; set; }

    /// <summary>Whether a frame came that was made for another protocol.</summary>
    public bool GotForeignFrame { get; private set; }

    /// <summary>What to say when a wait is in vain.</summary>
    public Func<string>? Diagnosis { get; init; }

    /// <summary>What the client received, in order.</summary>
    public IReadOnlyList<object> Messages => Locked(() => messages.ConvertAll(m => m.Message));

    /// <summary>What the client received, with the number of each frame among all that were written.</summary>
    public IReadOnlyList<(int Number, object Message)> Numbered => Locked(() => messages.ToList());

    /// <summary>The events that the client received, in order.</summary>
    public IReadOnlyList<Event> Events => [.. Messages.OfType<EventsMessage>().SelectMany(m => m.Events)];

    /// <summary>The sequences of <see cref="Events"/>.</summary>
    public IReadOnlyList<long> Sequences => [.. Events.Select(e => e.Seq)];

    /// <summary>The statuses that the client was told of.</summary>
    public IReadOnlyList<SubscriptionStatus> Statuses => [.. Messages.OfType<SubscriptionChangedMessage>().Select(m => m.Status)];

    /// <summary>Frames that were written and not taken.</summary>
    public int Pending => Locked(() => pending.Count);

    /// <summary>The messages that were written and not taken.</summary>
    public IReadOnlyList<object> PendingMessages => Locked(() => pending.Select(p => TestEncoder.Decode(p.Frame)).ToList());

    /// <summary>The most frames that were ever waiting to be taken at once.</summary>
    public int MostPending { get; private set; }

    /// <summary>Frames that were written, taken or not.</summary>
    public int Writes { get; private set; }

    /// <summary>How often the engine ended it.</summary>
    public int Ends { get; private set; }

    /// <summary>How many frames had been written when the engine ended it.</summary>
    public int? EndedAt { get; private set; }

    public ValueTask WriteAsync(Frame message)
    {
        var frame = message.Bytes;
        var number = Locked(() =>
        {
            Writes++;
            Signal();
            return Writes - 1;
        });
        OnWrite?.Invoke(TestEncoder.Decode(frame));
        lock (gate)
        {
            if (isGone)
            {
                return ValueTask.CompletedTask;
            }

            GotForeignFrame |= encoder is TestEncoder own && !own.IsOwn(frame);
            if (!isStalled && !TakesLater && pending.Count == 0)
            {
                messages.Add((number, TestEncoder.Decode(frame)));
                Signal();
                return ValueTask.CompletedTask;
            }

            var taken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            pending.Enqueue((number, frame, taken));
            MostPending = Math.Max(MostPending, pending.Count);
            Signal();
            if (TakesLater && !isStalled)
            {
                (SynchronizationContext.Current ?? new SynchronizationContext()).Post(_ => TakeIfAny(), null);
            }

            return new ValueTask(taken.Task);
        }
    }

    public void End(bool allowReconnect)
    {
        lock (gate)
        {
            Ends++;
            EndedAt ??= Writes;
            Signal();
        }
    }

    /// <summary>From now on the client reads nothing.</summary>
    public void Stall() => Locked(() => isStalled = true);

    /// <summary>The client reads again.</summary>
    public void Resume()
    {
        lock (gate)
        {
            isStalled = false;
            while (pending.Count > 0)
            {
                TakeOne();
            }
        }
    }

    /// <summary>A slow client reads a single frame, if there is one.</summary>
    public void TakeIfAny()
    {
        lock (gate)
        {
            if (pending.Count > 0)
            {
                TakeOne();
            }
        }
    }

    /// <summary>A slow client reads a single frame, once there is one.</summary>
    public async Task TakeAsync()
    {
        await Until(c => c.Pending > 0);
        Locked(() =>
        {
            TakeOne();
            return true;
        });
    }

    /// <summary>The client is gone; what it had not taken is lost.</summary>
    public void Break()
    {
        lock (gate)
        {
            isGone = true;
            while (pending.TryDequeue(out var lost))
            {
                lost.Taken.SetResult();
            }
        }
    }

    /// <summary>Waits until the predicate holds; it is asked again after each change.</summary>
    public async Task Until(Func<FakeConnection, bool> predicate)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            waiting.Add((predicate, done));
            Signal();
        }

        try
        {
            await Deadline.Within(done.Task);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{id} waits in vain, {Pending} pending, ended {Ends} times, after: {string.Join("; ", Messages.TakeLast(10))}. {Diagnosis?.Invoke()}", e);
        }
    }

    /// <summary>Waits until the engine writes something.</summary>
    public Task UntilWriting() => Until(c => c.Writes > 0);

    /// <summary>Waits until the client received the event of that sequence.</summary>
    public Task UntilSequence(long sequence) =>
        Until(c => c.Messages.OfType<EventsMessage>().Any(m => m.Events.Any(e => e.Seq == sequence)));

    /// <summary>Waits until a cursor that the client received is at that sequence or above it.</summary>
    public Task UntilThrough(long sequence) => Until(c => c.Messages.Any(m => CursorOf(m) is { } cursor && Cursor.Parse(cursor).Sequence >= sequence));

    /// <summary>Waits until the client was told.</summary>
    public Task UntilStatus(SubscriptionStatus status) =>
        Until(c => c.Messages.OfType<SubscriptionChangedMessage>().Any(m => m.Status == status));

    private static string? CursorOf(object message) => (message as EventsMessage)?.Cursor ?? (message as SnapshotMessage)?.Cursor;

    private void TakeOne()
    {
        var (number, frame, taken) = pending.Dequeue();
        messages.Add((number, TestEncoder.Decode(frame)));
        Signal();
        taken.SetResult();
    }

    private void Signal()
    {
        foreach (var wait in waiting.FindAll(w => w.Predicate(this)))
        {
            waiting.Remove(wait);
            wait.Done.SetResult();
        }
    }

    private T Locked<T>(Func<T> read)
    {
        lock (gate)
        {
            return read();
        }
    }
}
