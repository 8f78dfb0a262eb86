namespace RealtimeHub.Contracts;

/// <summary>What kind of being a <see cref="Subject"/> is.</summary>
public enum SubjectKind
{
    /// <summary>A person who signed in.</summary>
    User,

    /// <summary>An agent.</summary>
    Agent,

    /// <summary>A paired device.</summary>
    Device,

    /// <summary>Everyone who holds a role.</summary>
    Role,

    /// <summary>The service itself, or a service that acts without a user.</summary>
    System,
}

/// <summary>Who acts, or who is meant.</summary>
public sealed record Subject(SubjectKind Kind, string Id)
{
    /// <summary>A user.</summary>
    public static Subject User(string id) => new(SubjectKind.User, id);

    /// <summary>An agent.</summary>
    public static Subject Agent(string id) => new(SubjectKind.Agent, id);

    /// <summary>The role whose id is <c>*</c> stands for everyone in the tenant.</summary>
    public static Subject Role(string id) => new(SubjectKind.Role, id);

    /// <summary>The service itself.</summary>
    public static Subject System { get; } = new(SubjectKind.System, "realtimehub");
}
