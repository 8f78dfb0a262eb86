using System.Collections.Frozen;

namespace RealtimeHub.Contracts;

/// <summary>One event type: its name, its lane and the record that describes its data.</summary>
/// <param name="Name">As on the wire.</param>
/// <param name="Lane">The lane that its events go to.</param>
/// <param name="Data">The record that its data must bind to.</param>
public sealed record EventType(string Name, Lane Lane, Type Data);

/// <summary>The registry of event types. A type that is not in it and does not begin with <c>custom.</c> is refused.</summary>
public static class EventTypes
{
#pragma warning disable CS1591 // the protocol's table of events describes each
    public const string ConversationCreated = "conversation.created";
    public const string ConversationUpdated = "conversation.updated";
    public const string ConversationArchived = "conversation.archived";
    public const string ParticipantJoined = "participant.joined";
    public const string ParticipantLeft = "participant.left";
    public const string MessageCreated = "message.created";
    public const string MessageStarted = "message.started";
    public const string MessageDelta = "message.delta";
    public const string MessageCompleted = "message.completed";
    public const string ReasoningStarted = "reasoning.started";
    public const string ReasoningDelta = "reasoning.delta";
    public const string ReasoningCompleted = "reasoning.completed";
    public const string ToolCallStarted = "tool_call.started";
    public const string ToolCallArgumentsDelta = "tool_call.arguments_delta";
    public const string ToolCallCompleted = "tool_call.completed";
    public const string RunRequested = "run.requested";
    public const string RunStarted = "run.started";
    public const string RunStepStarted = "run.step_started";
    public const string RunStepCompleted = "run.step_completed";
    public const string RunStalled = "run.stalled";
    public const string RunResumed = "run.resumed";
    public const string RunUsage = "run.usage";
    public const string RunCancelRequested = "run.cancel_requested";
    public const string RunSteered = "run.steered";
    public const string RunCompleted = "run.completed";
    public const string RunFailed = "run.failed";
    public const string RunCancelled = "run.cancelled";
    public const string AgentRegistered = "agent.registered";
    public const string AgentUpdated = "agent.updated";
    public const string AgentStatusChanged = "agent.status_changed";
    public const string AccessGranted = "access.granted";
    public const string AccessRevoked = "access.revoked";
    public const string SessionsRevoked = "sessions.revoked";
    public const string CustomPrefix = "custom.";
#pragma warning restore CS1591

    /// <summary>What <see cref="IsCustom"/> asks for as a regular expression, for documents.</summary>
    public const string CustomPattern = @"^custom\.[A-Za-z0-9._-]+$";

    /// <summary>Longest type name, in characters.</summary>
    public const int MaxLength = 128;

    private static readonly FrozenDictionary<string, EventType> Known = All().ToFrozenDictionary(t => t.Name, StringComparer.Ordinal);

    /// <summary>Every registered type, in the order of the protocol.</summary>
    public static IReadOnlyList<EventType> Registered { get; } = [.. All()];

    /// <summary>The registered type of that name; null for <c>custom.*</c> and for what is unknown.</summary>
    public static EventType? Find(string name) => Known.GetValueOrDefault(name);

    /// <summary>Whether the name is <c>custom.</c> followed by <c>[A-Za-z0-9._-]</c> characters.</summary>
    public static bool IsCustom(string name) =>
        name.Length > CustomPrefix.Length && name.Length <= MaxLength
        && name.StartsWith(CustomPrefix, StringComparison.Ordinal)
        && name.AsSpan(CustomPrefix.Length).IndexOfAnyExcept(CustomCharacters) < 0;

    /// <summary>The lane of a type; null when the type is unknown.</summary>
    public static Lane? LaneOf(string name) => Find(name)?.Lane ?? (IsCustom(name) ? Lane.State : null);

    private static readonly System.Buffers.SearchValues<char> CustomCharacters =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    private static EventType[] All() =>
    [
        State<ConversationCreated>(ConversationCreated),
        State<ConversationUpdated>(ConversationUpdated),
        State<ConversationArchived>(ConversationArchived),
        State<ParticipantChanged>(ParticipantJoined),
        State<ParticipantChanged>(ParticipantLeft),
        State<MessageCreated>(MessageCreated),
        State<MessageStarted>(MessageStarted),
        Stream<MessageDelta>(MessageDelta),
        State<MessageCompleted>(MessageCompleted),
        State<ReasoningStarted>(ReasoningStarted),
        Stream<ReasoningDelta>(ReasoningDelta),
        State<ReasoningCompleted>(ReasoningCompleted),
        State<ToolCallStarted>(ToolCallStarted),
        Stream<ToolCallArgumentsDelta>(ToolCallArgumentsDelta),
        State<ToolCallCompleted>(ToolCallCompleted),
        State<RunRequested>(RunRequested),
        State<RunStarted>(RunStarted),
        State<RunStep>(RunStepStarted),
        State<RunStep>(RunStepCompleted),
        State<RunLiveness>(RunStalled),
        State<RunLiveness>(RunResumed),
        State<RunUsage>(RunUsage),
        State<RunCancelRequested>(RunCancelRequested),
        State<RunSteered>(RunSteered),
        State<RunCompleted>(RunCompleted),
        State<RunFailed>(RunFailed),
        State<RunCancelled>(RunCancelled),
        State<AgentRegistered>(AgentRegistered),
        State<AgentUpdated>(AgentUpdated),
        State<AgentStatusChanged>(AgentStatusChanged),
        State<AccessChanged>(AccessGranted),
        State<AccessChanged>(AccessRevoked),
        State<SessionsRevoked>(SessionsRevoked),
    ];

    private static EventType State<T>(string name) => new(name, Lane.State, typeof(T));

    private static EventType Stream<T>(string name) => new(name, Lane.Stream, typeof(T));
}
