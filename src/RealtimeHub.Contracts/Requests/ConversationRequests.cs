namespace RealtimeHub.Contracts;

/// <summary>Makes a conversation; the caller becomes its owner.</summary>
public sealed record CreateConversation : IKeyedRequest
{
    /// <summary>A name of the caller's choice; made by the server when absent. A taken one is a conflict.</summary>
    public string? Id { get; init; }

    /// <summary>1 to 200 characters.</summary>
    public required string Title { get; init; }

    /// <summary>Up to 32 (key 64, value 256 characters).</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>Who else is in it; at most 100.</summary>
    public IReadOnlyList<Participant>? Participants { get; init; }

    /// <inheritdoc/>
    public string? IdempotencyKey { get; init; }
}

/// <summary>What <see cref="CreateConversation"/> made.</summary>
public sealed record CreateConversationResult(string ConversationId);

/// <summary>Changes what a conversation is called and marked with.</summary>
public sealed record UpdateConversation : IKeyedRequest
{
    /// <summary>Which conversation.</summary>
    public required string ConversationId { get; init; }

    /// <summary>1 to 200 characters; stays as it is when absent.</summary>
    public string? Title { get; init; }

    /// <summary>All of them from now on, up to 32 (key 64, value 256 characters); they stay as they are when absent.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <inheritdoc/>
    public string? IdempotencyKey { get; init; }
}

/// <summary>Closes a conversation for good: it takes no more messages, runs and changes, and stays readable.</summary>
public sealed record ArchiveConversation : IKeyedRequest
{
    /// <summary>Which conversation.</summary>
    public required string ConversationId { get; init; }

    /// <inheritdoc/>
    public string? IdempotencyKey { get; init; }
}

/// <summary>Lets somebody in, or gives somebody who is in another role.</summary>
public sealed record AddParticipant : IKeyedRequest
{
    /// <summary>Which conversation.</summary>
    public required string ConversationId { get; init; }

    /// <summary>Who, as what.</summary>
    public required Participant Participant { get; init; }

    /// <inheritdoc/>
    public string? IdempotencyKey { get; init; }
}

/// <summary>Takes somebody out; everybody may take themselves out.</summary>
public sealed record RemoveParticipant : IKeyedRequest
{
    /// <summary>Which conversation.</summary>
    public required string ConversationId { get; init; }

    /// <summary>Who; its role is ignored.</summary>
    public required Participant Participant { get; init; }

    /// <inheritdoc/>
    public string? IdempotencyKey { get; init; }
}

/// <summary>Says something in a conversation.</summary>
public sealed record SendMessage : IKeyedRequest
{
    /// <summary>Which conversation.</summary>
    public required string ConversationId { get; init; }

    /// <summary>1 character to 32 KiB of UTF-8.</summary>
    public required string Text { get; init; }

    /// <summary>Artifacts that belong to it; at most 32.</summary>
    public IReadOnlyList<string>? ArtifactIds { get; init; }

    /// <summary>The message that it answers.</summary>
    public string? ReplyTo { get; init; }

    /// <inheritdoc/>
    public string? IdempotencyKey { get; init; }
}

/// <summary>What <see cref="SendMessage"/> made.</summary>
public sealed record SendMessageResult(string MessageId);
