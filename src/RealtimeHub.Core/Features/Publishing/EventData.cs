using System.Text.Json;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Features.Publishing;

/// <summary>Binds an event's data to the record of its type. Unknown members are kept in the log; known ones must be well typed.</summary>
internal static class EventData
{
    /// <summary>The data as the record of its type; null for <c>custom.*</c>. The event's shape has been checked.</summary>
    public static object? Bind(PublishedEvent e) =>
        EventTypes.Find(e.Type) is { } type ? e.Data.Deserialize(ContractsJson.Wire.GetTypeInfo(type.Data)) : null;

    /// <summary>What does not fit, and where; null when all does.</summary>
    public static (string Path, string Problem)? Problem(PublishedEvent e)
    {
        object? data;
        try
        {
            data = Bind(e);
        }
        catch (JsonException exception)
        {
            var path = MissingMember.Find(e.Data, ContractsJson.Wire.GetTypeInfo(EventTypes.Find(e.Type)!.Data), exception.Path) ?? exception.Path;
            return (PathOf(path), "is missing or is not what the type says");
        }

        if (data is null)
        {
            return null;
        }

        var wrong = IdsIn(data).FirstOrDefault(id => id.Id is not null && !Ids.IsValid(id.Id)).Path
            ?? SubjectsIn(data).FirstOrDefault(s => !IsSomebody(s.Kind, s.Id)).Path;
        if (wrong is not null)
        {
            return ($"data.{wrong}", "must be 1 to 64 of A-Z, a-z, 0-9, _ and -");
        }

        return RunIdIn(data) is { } runId && e.RunId is not null && e.RunId != runId
            ? ("runId", "is not the run that the data names")
            : OffsetIn(data) < 0 ? ("data.offset", "must not be negative")
            : NegativeIn(data) is { } negative ? ($"data.{negative}", "must not be negative") : null;
    }

    /// <summary>The run that the data names; null when its type names none.</summary>
    public static string? RunIdIn(object? data) => data switch
    {
        RunStarted d => d.RunId,
        RunStep d => d.RunId,
        RunUsage d => d.RunId,
        RunCompleted d => d.RunId,
        RunFailed d => d.RunId,
        RunCancelled d => d.RunId,
        RunRequested d => d.RunId,
        RunLiveness d => d.RunId,
        RunCancelRequested d => d.RunId,
        RunSteered d => d.RunId,
        _ => null,
    };

    private static int? OffsetIn(object data) => data switch
    {
        MessageDelta d => d.Offset,
        ReasoningDelta d => d.Offset,
        ToolCallArgumentsDelta d => d.Offset,
        _ => null,
    };

    // Path of a number of usage that is below zero; null when none is.
    private static string? NegativeIn(object data) => data switch
    {
        RunUsage d => NegativeIn(new Usage(d.InputTokens, d.OutputTokens, d.Cost, d.DurationMs), ""),
        RunCompleted { Usage: { } usage } => NegativeIn(usage, "usage."),
        RunFailed { Usage: { } usage } => NegativeIn(usage, "usage."),
        RunCancelled { Usage: { } usage } => NegativeIn(usage, "usage."),
        _ => null,
    };

    private static string? NegativeIn(Usage usage, string path) =>
        usage.InputTokens < 0 ? $"{path}inputTokens"
        : usage.OutputTokens < 0 ? $"{path}outputTokens"
        : usage.Cost < 0 ? $"{path}cost"
        : usage.DurationMs < 0 ? $"{path}durationMs"
        : null;

    // Everything that becomes a part of a topic or a key, or that commands take as an id alone; absent is no mistake.
    private static IEnumerable<(string Path, string? Id)> IdsIn(object data) => data switch
    {
        MessageCreated d => [("messageId", d.MessageId), ("replyTo", d.ReplyTo), .. Each("artifactIds", d.ArtifactIds)],
        MessageStarted d => [("messageId", d.MessageId)],
        MessageDelta d => [("messageId", d.MessageId)],
        MessageCompleted d => [("messageId", d.MessageId)],
        ReasoningStarted d => [("reasoningId", d.ReasoningId)],
        ReasoningDelta d => [("reasoningId", d.ReasoningId)],
        ReasoningCompleted d => [("reasoningId", d.ReasoningId)],
        ToolCallStarted d => [("toolCallId", d.ToolCallId)],
        ToolCallArgumentsDelta d => [("toolCallId", d.ToolCallId)],
        ToolCallCompleted d => [("toolCallId", d.ToolCallId)],
        RunStep d => [("stepId", d.StepId), ("runId", d.RunId)],
        RunRequested d =>
        [
            ("runId", d.RunId), ("agentId", d.AgentId), ("conversationId", d.ConversationId), ("processId", d.ProcessId), ("stepId", d.StepId),
        ],
        RunStarted d => [("runId", d.RunId), ("agentId", d.AgentId)],
        _ => [("runId", RunIdIn(data))],
    };

    private static IEnumerable<(string Path, string? Id)> Each(string name, IReadOnlyList<string>? ids) =>
        ids?.Select((id, i) => ($"{name}[{i}]", (string?)id)) ?? [];

    private static IEnumerable<(string Path, SubjectKind Kind, string Id)> SubjectsIn(object data) => data switch
    {
        ConversationCreated d => d.Participants.Select((p, i) => (Path: $"participants[{i}].id", Participant: p))
            .Where(p => p.Participant is not null).Select(p => (p.Path, p.Participant.Kind, p.Participant.Id)),
        ParticipantChanged d => [("participant.id", d.Participant.Kind, d.Participant.Id)],
        AgentRegistered d => SubjectsIn(d.Grants),
        AgentUpdated d => SubjectsIn(d.Grants),
        AccessChanged d => [("subject.id", d.Subject.Kind, d.Subject.Id)],
        SessionsRevoked d => [("subject.id", d.Subject.Kind, d.Subject.Id)],
        _ => [],
    };

    private static IEnumerable<(string Path, SubjectKind Kind, string Id)> SubjectsIn(IReadOnlyList<AccessGrant>? grants) =>
        (grants ?? []).Select((g, i) => (Path: $"grants[{i}].subject.id", Grant: g))
            .Where(g => g.Grant is not null).Select(g => (g.Path, g.Grant.Subject.Kind, g.Grant.Subject.Id));

    private static bool IsSomebody(SubjectKind kind, string id) => Ids.IsValid(id) || (kind == SubjectKind.Role && id == "*");

    private static string PathOf(string? path) => path?.StartsWith("$.", StringComparison.Ordinal) == true ? $"data.{path[2..]}" : "data";
}
