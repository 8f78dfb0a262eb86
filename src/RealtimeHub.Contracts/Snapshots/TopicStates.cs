using System.Text.Json;

namespace RealtimeHub.Contracts;

/// <summary>What the states of all topics have.</summary>
public abstract record TopicState
{
    /// <summary>The id in the topic.</summary>
    public required string Id { get; init; }

    /// <summary>Sequence of the last event in it; 0 when there is none.</summary>
    public required long Seq { get; init; }

    /// <summary>Whether some of it is not shown because it would be too long; absent when all is.</summary>
    public bool? Truncated { get; init; }
}

/// <summary>The state of a conversation.</summary>
public sealed record ConversationTopicState : TopicState
{
    /// <summary>A name for people.</summary>
    public required string Title { get; init; }

    /// <summary>The platform's own marks.</summary>
    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    /// <summary>Whether it takes no more messages and runs.</summary>
    public required bool Archived { get; init; }

    /// <summary>Who is in it.</summary>
    public required IReadOnlyList<Participant> Participants { get; init; }

    /// <summary>Every open message, and the newest of the closed ones.</summary>
    public required IReadOnlyList<MessageSnapshot> Messages { get; init; }

    /// <summary>Cursor that leads to the messages before these, by history; absent when there are none.</summary>
    public string? MessagesBefore { get; init; }

    /// <summary>Every open run that lives here, and the newest of the closed ones.</summary>
    public required IReadOnlyList<RunSnapshot> Runs { get; init; }

    /// <summary>Its approvals.</summary>
    public required IReadOnlyList<JsonElement> Approvals { get; init; }

    /// <summary>Its inputs.</summary>
    public required IReadOnlyList<JsonElement> Inputs { get; init; }

    /// <summary>Its artifacts.</summary>
    public required IReadOnlyList<JsonElement> Artifacts { get; init; }
}

/// <summary>A message of a conversation.</summary>
public sealed record MessageSnapshot
{
    /// <summary>Which message.</summary>
    public required string MessageId { get; init; }

    /// <summary>Whose part it is.</summary>
    public required MessageRole Role { get; init; }

    /// <summary>Its text, of an open one so far.</summary>
    public required string Text { get; init; }

    /// <summary>Whether the text is cut; absent when it is not.</summary>
    public bool? Truncated { get; init; }

    /// <summary>Who wrote it.</summary>
    public required Subject Actor { get; init; }

    /// <summary>When it began.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Where it is in its life.</summary>
    public required MessageStatus Status { get; init; }

    /// <summary>The run that wrote it.</summary>
    public string? RunId { get; init; }

    /// <summary>Artifacts that belong to it.</summary>
    public IReadOnlyList<string>? ArtifactIds { get; init; }

    /// <summary>The message that it answers.</summary>
    public string? ReplyTo { get; init; }
}

/// <summary>The state of an agent.</summary>
public sealed record AgentTopicState : TopicState
{
    /// <summary>A name for people.</summary>
    public required string Name { get; init; }

    /// <summary>What it is for.</summary>
    public required string Description { get; init; }

    /// <summary>Whether it takes work.</summary>
    public required AgentStatus Status { get; init; }

    /// <summary>What it can do.</summary>
    public required IReadOnlyList<string> Capabilities { get; init; }

    /// <summary>Who may see and operate it.</summary>
    public required IReadOnlyList<AccessGrant> Grants { get; init; }

    /// <summary>Its open runs.</summary>
    public required IReadOnlyList<RunSnapshot> Runs { get; init; }
}

/// <summary>The state of a user: the inbox.</summary>
public sealed record UserTopicState : TopicState
{
    /// <summary>What waits for the user.</summary>
    public required IReadOnlyList<JsonElement> Inbox { get; init; }
}

/// <summary>The state of a tenant: the operations view.</summary>
public sealed record TenantTopicState : TopicState
{
    /// <summary>The open runs.</summary>
    public required IReadOnlyList<RunSnapshot> Runs { get; init; }

    /// <summary>The agents.</summary>
    public required IReadOnlyList<AgentOverview> Agents { get; init; }

    /// <summary>The open approvals.</summary>
    public required IReadOnlyList<JsonElement> Approvals { get; init; }

    /// <summary>The open inputs.</summary>
    public required IReadOnlyList<JsonElement> Inputs { get; init; }
}

/// <summary>An agent as the operations view shows it.</summary>
public sealed record AgentOverview(string Id, string Name, AgentStatus Status);
