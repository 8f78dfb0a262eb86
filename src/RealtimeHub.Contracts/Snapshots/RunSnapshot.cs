using System.Text.Json;

namespace RealtimeHub.Contracts;

/// <summary>A run as the states of topics show it.</summary>
public sealed record RunSnapshot
{
    /// <summary>Which run.</summary>
    public required string RunId { get; init; }

    /// <summary>Who does it.</summary>
    public required string AgentId { get; init; }

    /// <summary>Where it is in its life.</summary>
    public required RunStatus Status { get; init; }

    /// <summary>In the state of an agent or a tenant: the topic that it lives in.</summary>
    public string? Topic { get; init; }

    /// <summary>What it is to do; absent when it was too long to show.</summary>
    public JsonElement? Input { get; init; }

    /// <summary>When it was asked for.</summary>
    public required DateTimeOffset RequestedAt { get; init; }

    /// <summary>When the agent took it up.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>When it fails with code <c>timeout</c>.</summary>
    public required DateTimeOffset Deadline { get; init; }

    /// <summary>When somebody asked the agent to stop.</summary>
    public DateTimeOffset? CancelRequestedAt { get; init; }

    /// <summary>Who asked for it.</summary>
    public required Subject RequestedBy { get; init; }

    /// <summary>Whether the agent is away; absent when it is not.</summary>
    public bool? Stalled { get; init; }

    /// <summary>Its steps, in order.</summary>
    public required IReadOnlyList<RunStepSnapshot> Steps { get; init; }

    /// <summary>The reasoning that is still being written.</summary>
    public required IReadOnlyList<ReasoningSnapshot> OpenReasoning { get; init; }

    /// <summary>Its newest tool calls, in order.</summary>
    public required IReadOnlyList<ToolCallSnapshot> ToolCalls { get; init; }

    /// <summary>What it produced; absent when it was too long to show.</summary>
    public JsonElement? Output { get; init; }

    /// <summary>Why it failed.</summary>
    public RunError? Error { get; init; }

    /// <summary>Why it was cancelled.</summary>
    public string? Reason { get; init; }

    /// <summary>What it cost so far.</summary>
    public Usage? Usage { get; init; }

    /// <summary>Whether something of it was too long to show; absent when nothing was.</summary>
    public bool? Truncated { get; init; }
}

/// <summary>A step of a run.</summary>
public sealed record RunStepSnapshot(string StepId, string Title, RunStepStatus Status);

/// <summary>A reasoning that is still being written, and its text so far.</summary>
public sealed record ReasoningSnapshot(string ReasoningId, string Text, string? Title = null);

/// <summary>A tool call of a run.</summary>
/// <param name="ToolCallId">Unique in its run.</param>
/// <param name="Name">Which tool.</param>
/// <param name="Status">How it went.</param>
/// <param name="Arguments">What it was called with; absent when not known yet, or too long to show.</param>
/// <param name="ArgumentsText">The arguments so far, while they come as deltas.</param>
/// <param name="Result">What it answered; absent when it was too long to show.</param>
/// <param name="Truncated">Whether something of it was too long to show; absent when nothing was.</param>
public sealed record ToolCallSnapshot(
    string ToolCallId,
    string Name,
    ToolCallStatus Status,
    JsonElement? Arguments = null,
    string? ArgumentsText = null,
    JsonElement? Result = null,
    bool? Truncated = null);
