namespace RealtimeHub.Contracts;

/// <summary>What a topic is about.</summary>
public enum TopicKind
{
    /// <summary>A conversation between users and agents.</summary>
    Conversation,

    /// <summary>An agent: its registration, its status and the copies of its runs (its work list).</summary>
    Agent,

    /// <summary>A business process with human, agent and program steps.</summary>
    Process,

    /// <summary>A paired device.</summary>
    Device,

    /// <summary>A user: the inbox.</summary>
    User,

    /// <summary>A tenant: the operations view.</summary>
    Tenant,
}
