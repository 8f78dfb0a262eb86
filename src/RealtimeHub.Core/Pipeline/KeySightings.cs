using System.Globalization;
using RealtimeHub.Core.Delivery;
using RealtimeHub.Core.Folds;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Pipeline;

/// <summary>Which topic each idempotency key was used for, as far as this node has seen: its own commands, and what its tail brought of others'.</summary>
/// <remarks>
/// The topic's own fold says whether a request was carried out; this only notices a key that comes again with a body for another topic. It
/// forgets after <see cref="RecentRequests.Memory"/>, beyond <see cref="MaxKeys"/>, and when the node ends.
/// </remarks>
internal sealed class KeySightings(TimeProvider time) : ITailObserver
{
    /// <summary>The most keys that a node remembers: some 25 MiB.</summary>
    public const int MaxKeys = 100_000;

    private readonly Lock gate = new();
    private readonly Dictionary<UInt128, KeySighting> seen = [];
    private readonly Queue<(UInt128 Key, DateTimeOffset Time)> order = new();

    /// <summary>Where the key was used first within its memory, as far as it was seen.</summary>
    public KeySighting? Find(string keyHash)
    {
        lock (gate)
        {
            return seen.TryGetValue(Parse(keyHash), out var sighting) && time.GetUtcNow() - sighting.Time < RecentRequests.Memory ? sighting : null;
        }
    }

    /// <summary>The event of a keyed request is in the log.</summary>
    public void Note(TopicKey topic, string keyHash, string bodyHash, long sequence, DateTimeOffset at)
    {
        var key = Parse(keyHash);
        lock (gate)
        {
            if (seen.TryGetValue(key, out var before) && at - before.Time < RecentRequests.Memory)
            {
                return;
            }

            while (order.TryPeek(out var oldest) && (order.Count >= MaxKeys || at - oldest.Time >= RecentRequests.Memory))
            {
                order.Dequeue();
                if (seen.TryGetValue(oldest.Key, out var old) && old.Time == oldest.Time)
                {
                    seen.Remove(oldest.Key);
                }
            }

            seen[key] = new KeySighting(topic, bodyHash, sequence, at);
            order.Enqueue((key, at));
        }
    }

    void ITailObserver.See(StoredEvent e)
    {
        if (e.Meta is { KeyHash: { } keyHash, BodyHash: { } bodyHash })
        {
            Note(e.Topic, keyHash, bodyHash, e.Sequence, e.Time);
        }
    }

    void ITailObserver.LogReplaced()
    {
        lock (gate)
        {
            seen.Clear();
            order.Clear();
        }
    }

    private static UInt128 Parse(string keyHash) => UInt128.Parse(keyHash, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}

/// <summary>What a key was used for.</summary>
internal sealed record KeySighting(TopicKey Topic, string BodyHash, long Sequence, DateTimeOffset Time);
