using StackExchange.Redis;

namespace RealtimeHub.Redis;

/// <summary>The names of everything in Redis. What is in braces keeps all of presence on one server of a Redis cluster, as scripts need it.</summary>
/// <remarks>
/// Below <see cref="Presence"/>: <c>:in:{place}</c> who is seen there and how; <c>:of:{place} {subject}</c> the leases behind that;
/// <c>:due</c> when to look at whom again; <c>:nodes</c> until when nodes are believed to live; <c>:node:{incarnation}</c> the leases of each.
/// </remarks>
internal sealed class RedisKeys(string prefix)
{
    /// <summary>Begins every key of presence.</summary>
    public RedisKey Presence { get; } = $"{{{prefix}:presence}}";

    /// <summary>Begins every channel of the hubs.</summary>
    public RedisChannel Channels { get; } = RedisChannel.Literal($"{prefix}:hubs:");

    /// <summary>Who is seen in a place, and how.</summary>
    public RedisKey In(string place) => $"{Presence}:in:{place}";

    /// <summary>The leases of a node.</summary>
    public RedisKey Node(string incarnation) => $"{Presence}:node:{incarnation}";
}
