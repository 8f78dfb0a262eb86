using RealtimeHub.Contracts;

namespace RealtimeHub.Core.Projection;

/// <summary>Where list entries are kept.</summary>
internal static class ListKeys
{
    /// <summary>Every entry of every tenant.</summary>
    public const string All = "idx.";

    /// <summary>Whose an entry is.</summary>
    public static string TenantOf(string key) => key.Split('.')[1];

    /// <summary>Every entry of a tenant's topics of one kind.</summary>
    public static string Prefix(string tenant, TopicKind kind) => $"{All}{tenant}.{kind.ToString().ToLowerInvariant()}.";

    /// <summary>Every entry of a tenant's runs.</summary>
    public static string RunPrefix(string tenant) => $"{All}{tenant}.run.";

    /// <summary>The entry of one run.</summary>
    public static string RunKey(string tenant, string runId) => RunPrefix(tenant) + runId;

    /// <summary>The entry of one topic.</summary>
    public static string Key(string tenant, Topic topic) => Prefix(tenant, topic.Kind) + topic.Id;
}
