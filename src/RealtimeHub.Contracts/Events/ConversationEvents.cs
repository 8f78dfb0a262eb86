namespace RealtimeHub.Contracts;

/// <summary>What a participant may do: watch, take part, or manage.</summary>
public enum ParticipantRole
{
    /// <summary>Manages the conversation.</summary>
    Owner,

    /// <summary>Writes and starts runs.</summary>
    Member,

    /// <summary>Watches.</summary>
    Observer,
}

/// <summary>Somebody who is in a conversation. A participant of kind <c>role</c> stands for everyone who holds the role.</summary>
public sealed record Participant
{
    /// <summary>User, agent, device or role.</summary>
    public required SubjectKind Kind { get; init; }

    /// <summary>Who.</summary>
    public required string Id { get; init; }

    /// <summary>Member when a request leaves it out.</summary>
    public ParticipantRole? Role { get; init; }

    /// <summary>A name for people.</summary>
    public string? DisplayName { get; init; }
}

/// <summary>Data of <c>conversation.created</c>.</summary>
public sealed record ConversationCreated(
    string Title, IReadOnlyList<Participant> Participants, IReadOnlyDictionary<string, string>? Labels = null);

/// <summary>Data of <c>conversation.updated</c>; what is absent stays.</summary>
public sealed record ConversationUpdated(string? Title = null, IReadOnlyDictionary<string, string>? Labels = null);

/// <summary>Data of <c>conversation.archived</c>.</summary>
public sealed record ConversationArchived;

/// <summary>Data of <c>participant.joined</c> and <c>participant.left</c>.</summary>
public sealed record ParticipantChanged(Participant Participant);

/// <summary>Who a message is from.</summary>
public enum MessageRole
{
    /// <summary>A person.</summary>
    User,

    /// <summary>An agent.</summary>
    Assistant,

    /// <summary>The platform.</summary>
    System,
}

/// <summary>Data of <c>message.created</c>: a message that came whole.</summary>
public sealed record MessageCreated(
    string MessageId, MessageRole Role, string Text, IReadOnlyList<string>? ArtifactIds = null, string? ReplyTo = null);

/// <summary>Data of <c>message.started</c>: a message whose text follows in deltas.</summary>
public sealed record MessageStarted(string MessageId, MessageRole Role);

/// <summary>Data of <c>message.delta</c>; <paramref name="Offset"/> is the number of UTF-16 units before it.</summary>
public sealed record MessageDelta(string MessageId, string Text, int? Offset = null);

/// <summary>Data of <c>message.completed</c>: the whole text, so that lost deltas heal here.</summary>
public sealed record MessageCompleted(string MessageId, string Text, bool? Incomplete = null);
