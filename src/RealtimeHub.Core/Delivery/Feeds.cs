using System.Collections.Concurrent;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Delivery;

/// <summary>The feeds of a node, by topic.</summary>
internal sealed class Feeds(FeedPorts ports) : ITopicWatchers
{
    private readonly ConcurrentDictionary<TopicKey, Feed> feeds = [];

    /// <summary>How many topics are watched, or were a moment ago.</summary>
    public int Count => feeds.Count;

    /// <summary>The topic's feed; one that is new begins to read its topic only after it stands in here.</summary>
    public Feed GetOrStart(TopicKey key)
    {
        while (true)
        {
            if (feeds.TryGetValue(key, out var present))
            {
                return present;
            }

            var feed = new Feed(key, ports) { Retire = f => feeds.TryRemove(new(f.Key, f)) };
            if (feeds.TryAdd(key, feed))
            {
                feed.Start();
                return feed;
            }
        }
    }

    /// <summary>The topic's feed; null when nobody watches.</summary>
    public Feed? Find(TopicKey key) => feeds.GetValueOrDefault(key);

    /// <summary>Hands an event to its topic's feed, if anybody watches.</summary>
    public void Deliver(StoredEvent e)
    {
        if (feeds.TryGetValue(e.Topic, out var feed))
        {
            ports.Memory.Post(e);
            feed.Post(new FeedMessage.Arrived(e));
        }
    }

    /// <inheritdoc/>
    public void TopicRemoved(TopicKey topic) => Find(topic)?.Post(new FeedMessage.Removed());

    /// <summary>Waits while feeds have too much to take.</summary>
    public ValueTask WaitForRoomAsync(CancellationToken cancellationToken) => ports.Memory.WaitForRoomAsync(cancellationToken);

    /// <summary>Has those feeds look at the clock for which it may change anything.</summary>
    public void Sweep()
    {
        foreach (var feed in feeds.Values)
        {
            if (feed.WantsSweep)
            {
                feed.Post(new FeedMessage.Swept());
            }
        }
    }

    /// <summary>Tells every feed the same.</summary>
    public void PostToAll(FeedMessage message)
    {
        foreach (var feed in feeds.Values)
        {
            feed.Post(message);
        }
    }
}
