using System.Text.Json;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Folds;

namespace RealtimeHub.Core.Features.Runs;

/// <summary>Writes runs as snapshots hold them.</summary>
internal static class RunWriter
{
    /// <summary>Every open run, and as many closed ones as the budget has room for.</summary>
    public static void WriteRuns(Utf8JsonWriter writer, RunSet runs, SnapshotBudget budget)
    {
        writer.WriteStartArray("runs"u8);
        foreach (var id in runs.Closed.Skip(Math.Max(0, runs.Closed.Count() - budget.Runs)))
        {
            Write(writer, runs.ById[id], runs, budget, budget.ClosedText, home: null);
        }

        foreach (var run in Newest(runs.Open, budget))
        {
            Write(writer, run, runs, budget, budget.OpenText, home: null);
        }

        writer.WriteEndArray();
    }

    /// <summary>The open runs alone, with the topic that each lives in.</summary>
    public static void WriteOpenRuns(Utf8JsonWriter writer, RunSet runs, SnapshotBudget budget, string? home = null)
    {
        writer.WriteStartArray("runs"u8);
        foreach (var run in Newest(runs.Open, budget))
        {
            Write(writer, run, runs, budget, budget.OpenText, run.Home ?? home);
        }

        writer.WriteEndArray();
    }

    /// <summary>One run by itself, cut where it would be longer than a snapshot may be.</summary>
    public static JsonElement StateOf(RunState run, RunSet runs, Topic home)
    {
        var written = ReadOnlyMemory<byte>.Empty;
        foreach (var budget in SnapshotBudget.Falling((_, _) => ""))
        {
            written = Written(w => Write(w, run, runs, budget, run.HasEnded ? budget.ClosedText : budget.OpenText, home.ToString()));
            if (written.Length <= SnapshotBudget.MaxBytes)
            {
                break;
            }
        }

        return JsonDocument.Parse(written).RootElement;
    }

    /// <summary>A run in a list: its scalars, where it lives, and when something last happened to it.</summary>
    public static JsonElement ItemOf(RunState run, Topic home, DateTimeOffset updatedAt) => JsonDocument.Parse(Written(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("topic"u8, home.ToString());
        writer.WriteString("runId"u8, run.RunId);
        writer.WriteString("agentId"u8, run.AgentId);
        writer.WriteString("status"u8, Name(run.Status));
        WriteScalars(writer, run);
        if (run.Reason is not null)
        {
            writer.WriteString("reason"u8, run.Reason);
        }

        WriteTime(writer, "updatedAt", updatedAt);
        writer.WriteEndObject();
    })).RootElement;

    /// <summary>Reads what <see cref="ItemOf"/> wrote: a run with its scalars.</summary>
    public static RunState ReadItem(JsonElement item)
    {
        return new RunState
        {
            RunId = item.GetProperty("runId"u8).GetString()!,
            AgentId = item.GetProperty("agentId"u8).GetString()!,
            Status = Enum.GetValues<RunStatus>().Single(s => item.GetProperty("status"u8).ValueEquals(Name(s))),
            RequestedBy = item.GetProperty("requestedBy"u8).Deserialize(ContractsJson.WireType<Subject>())!,
            RequestedAt = TimeOf("requestedAt") ?? default,
            StartedAt = TimeOf("startedAt"),
            EndedAt = TimeOf("endedAt"),
            Deadline = TimeOf("deadline") ?? default,
            CancelRequestedAt = TimeOf("cancelRequestedAt"),
            IsStalled = item.TryGetProperty("stalled"u8, out var stalled) && stalled.GetBoolean(),
            Reason = item.TryGetProperty("reason"u8, out var reason) ? reason.GetString() : null,
        };

        DateTimeOffset? TimeOf(string name) =>
            item.TryGetProperty(name, out var time) ? time.Deserialize(ContractsJson.WireType<DateTimeOffset>()) : null;
    }

    /// <summary>Whether a list may be asked for this status.</summary>
    public static bool IsStatus(string text) => Enum.GetValues<RunStatus>().Any(s => Name(s) == text);

    private static ReadOnlyMemory<byte> Written(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            write(writer);
        }

        return buffer.ToArray();
    }

    private static IEnumerable<RunState> Newest(IEnumerable<RunState> open, SnapshotBudget budget) =>
        open.OrderBy(r => r.RunId, StringComparer.Ordinal).TakeLast(budget.Items); // ids that are made without a key begin with the time

    private static void Write(Utf8JsonWriter writer, RunState run, RunSet runs, SnapshotBudget budget, int jsonLimit, string? home)
    {
        var cut = run.IsTruncated;
        writer.WriteStartObject();
        writer.WriteString("runId"u8, run.RunId);
        writer.WriteString("agentId"u8, run.AgentId);
        writer.WriteString("status"u8, Name(run.Status));
        if (home is not null)
        {
            writer.WriteString("topic"u8, home);
        }

        cut |= SnapshotBudget.WriteJson(writer, "input", run.Input, jsonLimit);
        WriteScalars(writer, run);
        cut |= WriteWork(writer, run, runs, budget);
        cut |= SnapshotBudget.WriteJson(writer, "output", run.Output, jsonLimit);
        if (run.Error is not null)
        {
            writer.WriteStartObject("error"u8);
            cut |= SnapshotBudget.WriteText(writer, "code", run.Error.Code, budget.Line);
            cut |= SnapshotBudget.WriteText(writer, "message", run.Error.Message, budget.Line);
            writer.WriteEndObject();
        }

        if (run.Reason is not null)
        {
            cut |= SnapshotBudget.WriteText(writer, "reason", run.Reason, budget.Line);
        }

        if (run.Usage is not null)
        {
            writer.WritePropertyName("usage"u8);
            JsonSerializer.Serialize(writer, run.Usage, ContractsJson.WireType<Usage>());
        }

        if (cut)
        {
            writer.WriteBoolean("truncated"u8, value: true);
        }

        writer.WriteEndObject();
    }

    private static void WriteScalars(Utf8JsonWriter writer, RunState run)
    {
        WriteTime(writer, "requestedAt", run.RequestedAt);
        WriteTime(writer, "startedAt", run.StartedAt);
        WriteTime(writer, "endedAt", run.EndedAt);
        WriteTime(writer, "deadline", run.Deadline);
        WriteTime(writer, "cancelRequestedAt", run.CancelRequestedAt);
        writer.WritePropertyName("requestedBy"u8);
        JsonSerializer.Serialize(writer, run.RequestedBy, ContractsJson.WireType<Subject>());
        if (run.IsStalled)
        {
            writer.WriteBoolean("stalled"u8, value: true);
        }
    }

    private static bool WriteWork(Utf8JsonWriter writer, RunState run, RunSet runs, SnapshotBudget budget)
    {
        var cut = run.Steps.Count > budget.Items;
        writer.WriteStartArray("steps"u8);
        foreach (var step in run.Steps.TakeLast(budget.Items))
        {
            writer.WriteStartObject();
            writer.WriteString("stepId"u8, step.StepId);
            cut |= SnapshotBudget.WriteText(writer, "title", step.Title, budget.Line);
            writer.WriteString("status"u8, step.IsCompleted ? "completed"u8 : "running"u8);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("openReasoning"u8);
        foreach (var reasoning in runs.OpenItemsOf(run.RunId).Where(i => i.Kind == ItemKind.Reasoning).TakeLast(budget.Items))
        {
            writer.WriteStartObject();
            writer.WriteString("reasoningId"u8, reasoning.Id);
            if (reasoning.Title is not null)
            {
                cut |= SnapshotBudget.WriteText(writer, "title", reasoning.Title, budget.Line);
            }

            cut |= SnapshotBudget.WriteText(writer, "text", reasoning.Text.ToString(), budget.OpenText);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        return WriteToolCalls(writer, run, runs, budget) || cut;
    }

    private static bool WriteToolCalls(Utf8JsonWriter writer, RunState run, RunSet runs, SnapshotBudget budget)
    {
        var kept = budget.ClosedText < 64 ? 5 : 200;
        var cut = run.ToolCalls.Count > kept;
        writer.WriteStartArray("toolCalls"u8);
        foreach (var call in run.ToolCalls.Skip(Math.Max(0, run.ToolCalls.Count - kept)))
        {
            writer.WriteStartObject();
            writer.WriteString("toolCallId"u8, call.ToolCallId);
            var callCut = SnapshotBudget.WriteText(writer, "name", call.Name, budget.Line) || call.IsTruncated;
            if (call is { Arguments: null, IsTruncated: false })
            {
                writer.WriteNull("arguments"u8); // it has none, or they come as deltas
            }

            callCut |= SnapshotBudget.WriteJson(writer, "arguments", call.Arguments, call.Status == ToolCallStatus.Open ? budget.OpenText : budget.ClosedText);
            if (call.Status == ToolCallStatus.Open && runs.Items.GetValueOrDefault(Item.KeyOf(ItemKind.ToolCall, run.RunId, call.ToolCallId)) is { Text.Length: > 0 } item)
            {
                callCut |= SnapshotBudget.WriteText(writer, "argumentsText", item.Text.ToString(), budget.OpenText);
            }

            callCut |= SnapshotBudget.WriteJson(writer, "result", call.Result, budget.ClosedText);
            writer.WriteString("status"u8, Name(call.Status));
            if (callCut)
            {
                writer.WriteBoolean("truncated"u8, value: true);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        return cut;
    }

    private static string Name<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    private static void WriteTime(Utf8JsonWriter writer, string name, DateTimeOffset? time)
    {
        if (time is { } t)
        {
            writer.WritePropertyName(name);
            JsonSerializer.Serialize(writer, t, ContractsJson.WireType<DateTimeOffset>());
        }
    }
}
