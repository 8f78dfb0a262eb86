namespace RealtimeHub.Client.Subscriptions;

/// <summary>What waits for a consumer. Guarded by the lock of the subscription that owns it.</summary>
internal sealed class ItemBuffer
{
    private readonly Queue<SubscriptionItem> items = new();
    private TaskCompletionSource arrived = NewSignal();
    private Exception? failure;

    /// <summary>Events in the items that wait.</summary>
    public int Events { get; private set; }

    public void Add(SubscriptionItem item)
    {
        items.Enqueue(item);
        Events += EventsIn(item);
        arrived.TrySetResult();
    }

    /// <summary>An exception for the consumer, after what waits.</summary>
    public void Fail(Exception reason)
    {
        failure ??= reason;
        arrived.TrySetResult();
    }

    /// <summary>The next item; null when none waits.</summary>
    public SubscriptionItem? Take()
    {
        if (items.TryDequeue(out var item))
        {
            Events -= EventsIn(item);
            return item;
        }

        return failure is null ? null : throw failure;
    }

    /// <summary>Completes when something arrives after this.</summary>
    public Task Arrival()
    {
        arrived = arrived.Task.IsCompleted ? NewSignal() : arrived;
        return arrived.Task;
    }

    private static int EventsIn(SubscriptionItem item) => item is EventsReceived { Events.Count: var count } ? count : 0;

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
