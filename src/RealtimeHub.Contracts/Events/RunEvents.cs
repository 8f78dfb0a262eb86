using System.Text.Json;

namespace RealtimeHub.Contracts;

/// <summary>Data of <c>run.requested</c>: work for an agent.</summary>
public sealed record RunRequested(
    string RunId,
    string AgentId,
    JsonElement Input,
    DateTimeOffset Deadline,
    string? ConversationId = null,
    string? ProcessId = null,
    string? StepId = null);

/// <summary>Data of <c>run.started</c>.</summary>
public sealed record RunStarted(string RunId, string AgentId);

/// <summary>Data of <c>run.step_started</c> and <c>run.step_completed</c>.</summary>
public sealed record RunStep(string RunId, string StepId, string Title);

/// <summary>Data of <c>run.stalled</c> and <c>run.resumed</c>.</summary>
public sealed record RunLiveness(string RunId, string Reason);

/// <summary>Totals so far.</summary>
public sealed record Usage(long InputTokens, long OutputTokens, decimal? Cost = null, long? DurationMs = null);

/// <summary>Data of <c>run.usage</c>.</summary>
public sealed record RunUsage(string RunId, long InputTokens, long OutputTokens, decimal? Cost = null, long? DurationMs = null);

/// <summary>Data of <c>run.cancel_requested</c> and <c>run.cancelled</c>.</summary>
public sealed record RunCancelRequested(string RunId, string? Reason = null);

/// <summary>Data of <c>run.steered</c>.</summary>
public sealed record RunSteered(string RunId, string Instruction);

/// <summary>Data of <c>run.completed</c>.</summary>
public sealed record RunCompleted(string RunId, JsonElement? Output = null, Usage? Usage = null);

/// <summary>What went wrong in a run.</summary>
public sealed record RunError(string Code, string Message);

/// <summary>Data of <c>run.failed</c>.</summary>
public sealed record RunFailed(string RunId, RunError Error, Usage? Usage = null);

/// <summary>Data of <c>run.cancelled</c>.</summary>
public sealed record RunCancelled(string RunId, string? Reason = null, Usage? Usage = null);

/// <summary>Data of <c>reasoning.started</c>.</summary>
public sealed record ReasoningStarted(string ReasoningId, string? Title = null);

/// <summary>Data of <c>reasoning.delta</c>.</summary>
public sealed record ReasoningDelta(string ReasoningId, string Text, int? Offset = null);

/// <summary>Data of <c>reasoning.completed</c>.</summary>
public sealed record ReasoningCompleted(string ReasoningId, string Text, string? Title = null, bool? Incomplete = null);

/// <summary>Data of <c>tool_call.started</c>.</summary>
public sealed record ToolCallStarted(string ToolCallId, string Name, JsonElement? Arguments = null);

/// <summary>Data of <c>tool_call.arguments_delta</c>.</summary>
public sealed record ToolCallArgumentsDelta(string ToolCallId, string Text, int? Offset = null);

/// <summary>Data of <c>tool_call.completed</c>.</summary>
public sealed record ToolCallCompleted(
    string ToolCallId, JsonElement? Arguments = null, JsonElement? Result = null, bool? IsError = null, bool? Incomplete = null);
