using RealtimeHub.Contracts;

namespace RealtimeHub.Core.Projection;

/// <summary>Where list entries are kept.</summary>
internal static class ListKeys
{
    /// <summary>Every entry of a tenant's topics of one kind.</summary>
    public static string Prefix(string tenant, TopicKind kind) => $"idx.{tenant}.{kind.ToString().ToLowerInvariant()}.";

    /// <summary>The entry of one topic.</summary>
    public static string Key(string tenant, Topic topic) => Prefix(tenant, topic.Kind) + topic.Id;
}
