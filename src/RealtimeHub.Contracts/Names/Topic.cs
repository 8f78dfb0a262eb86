using System.Diagnostics.CodeAnalysis;

namespace RealtimeHub.Contracts;

/// <summary>A topic, <c>{kind}:{id}</c>: the unit of order, permission, subscription and concurrency.</summary>
/// <remarks>It never names the tenant: the tenant comes from the caller's token.</remarks>
public readonly record struct Topic(TopicKind Kind, string Id)
{
    /// <summary>The grammar as a regular expression, for documents; <see cref="TryParse"/> is what decides.</summary>
    public const string Pattern = "^(conversation|agent|process|device|user|tenant):[A-Za-z0-9_-]{1,64}$";

    private static readonly string[] KindNames = ["conversation", "agent", "process", "device", "user", "tenant"];

    /// <summary>The kind as it is written in a topic.</summary>
    public string KindName => KindNames[(int)Kind];

    /// <summary>The topic of a conversation.</summary>
    public static Topic Conversation(string id) => new(TopicKind.Conversation, id);

    /// <summary>The topic of an agent.</summary>
    public static Topic Agent(string id) => new(TopicKind.Agent, id);

    /// <summary>The topic of a process.</summary>
    public static Topic Process(string id) => new(TopicKind.Process, id);

    /// <summary>The topic of a user.</summary>
    public static Topic User(string id) => new(TopicKind.User, id);

    /// <summary>The topic of a tenant.</summary>
    public static Topic Tenant(string id) => new(TopicKind.Tenant, id);

    /// <summary>Reads <c>{kind}:{id}</c>; false when the kind is unknown or the id does not fit <see cref="Ids"/>.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Topic topic)
    {
        topic = default;
        var colon = text?.IndexOf(':', StringComparison.Ordinal) ?? -1;
        if (colon < 0)
        {
            return false;
        }

        var kind = Array.IndexOf(KindNames, text![..colon]);
        var id = text[(colon + 1)..];
        if (kind < 0 || !Ids.IsValid(id))
        {
            return false;
        }

        topic = new Topic((TopicKind)kind, id);
        return true;
    }

    /// <summary>Reads <c>{kind}:{id}</c>.</summary>
    /// <exception cref="FormatException">The text is not a topic.</exception>
    public static Topic Parse(string text) =>
        TryParse(text, out var topic) ? topic : throw new FormatException($"'{text}' is not a topic.");

    /// <summary><c>{kind}:{id}</c></summary>
    public override string ToString() => $"{KindName}:{Id}";
}
