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

        var wrong = IdsIn(data).FirstOrDefault(id => !Ids.IsValid(id.Value));
        if (wrong.Name is not null)
        {
            return ($"data.{wrong.Name}", "must be 1 to 64 of A-Z, a-z, 0-9, _ and -");
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

    private static IEnumerable<(string Name, string Value)> IdsIn(object data)
    {
        (string Name, string? Value) own = data switch
        {
            MessageCreated d => ("messageId", d.MessageId),
            MessageStarted d => ("messageId", d.MessageId),
            MessageDelta d => ("messageId", d.MessageId),
            MessageCompleted d => ("messageId", d.MessageId),
            ReasoningStarted d => ("reasoningId", d.ReasoningId),
            ReasoningDelta d => ("reasoningId", d.ReasoningId),
            ReasoningCompleted d => ("reasoningId", d.ReasoningId),
            ToolCallStarted d => ("toolCallId", d.ToolCallId),
            ToolCallArgumentsDelta d => ("toolCallId", d.ToolCallId),
            ToolCallCompleted d => ("toolCallId", d.ToolCallId),
            RunStep d => ("stepId", d.StepId),
            _ => ("", null),
        };
        if (own.Value is not null)
        {
            yield return (own.Name, own.Value);
        }

        if (RunIdIn(data) is { } runId)
        {
            yield return ("runId", runId);
        }
    }

    private static string PathOf(string? path) => path?.StartsWith("$.", StringComparison.Ordinal) == true ? $"data.{path[2..]}" : "data";
}
