namespace RealtimeHub.Core.Delivery;

/// <summary>A feed's subscriptions that are at the head. Owned by the feed's loop.</summary>
/// <remarks>Go through it from the end: then whoever falls behind on the way may leave, and nobody is passed over.</remarks>
internal sealed class LiveSubscriptions
{
    private readonly List<Subscription> items = [];

    public int Count => items.Count;

    public Subscription this[int index] => items[index];

    public void Add(Subscription subscription)
    {
        if (!subscription.IsLive)
        {
            subscription.LiveIndex = items.Count;
            items.Add(subscription);
        }
    }

    public void Remove(Subscription subscription)
    {
        if (subscription.IsLive)
        {
            var last = items[^1];
            items[subscription.LiveIndex] = last;
            last.LiveIndex = subscription.LiveIndex;
            items.RemoveAt(items.Count - 1);
            subscription.LiveIndex = -1;
        }
    }
}
