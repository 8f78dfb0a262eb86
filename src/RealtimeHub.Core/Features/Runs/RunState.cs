using System.Collections.Immutable;
using System.Text.Json;
using RealtimeHub.Contracts;

namespace RealtimeHub.Core.Features.Runs;

/// <summary>One execution of an agent, as its events tell it. Immutable.</summary>
public sealed record RunState
{
    /// <summary>Which run.</summary>
    public required string RunId { get; init; }

    /// <summary>Who does it.</summary>
    public required string AgentId { get; init; }

    /// <summary>Where it is in its life.</summary>
    public RunStatus Status { get; init; }

    /// <summary>The topic that it lives in, where this is a copy; null where it lives here.</summary>
    public string? Home { get; init; }

    /// <summary>What it is to do; whole while it is open, as far as a snapshot could hold it, then cut, or absent where it cannot be.</summary>
    public JsonElement? Input { get; init; }

    /// <summary>Who asked for it.</summary>
    public required Subject RequestedBy { get; init; }

    /// <summary>When they asked.</summary>
    public DateTimeOffset RequestedAt { get; init; }

    /// <summary>When it fails with code <c>timeout</c>.</summary>
    public DateTimeOffset Deadline { get; init; }

    /// <summary>When the agent took it up.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>When somebody asked the agent to stop.</summary>
    public DateTimeOffset? CancelRequestedAt { get; init; }

    /// <summary>Whether the agent is away.</summary>
    public bool IsStalled { get; init; }

    /// <summary>Its steps, in order.</summary>
    public ImmutableList<RunStepState> Steps { get; init; } = [];

    /// <summary>Its newest tool calls, in order.</summary>
    public ImmutableList<ToolCallState> ToolCalls { get; init; } = [];

    /// <summary>What it produced; cut, or absent where it cannot be, when it was too long to keep.</summary>
    public JsonElement? Output { get; init; }

    /// <summary>Why it failed.</summary>
    public RunError? Error { get; init; }

    /// <summary>Why it was cancelled.</summary>
    public string? Reason { get; init; }

    /// <summary>What it cost so far.</summary>
    public Usage? Usage { get; init; }

    /// <summary>Time of the last <c>run.usage</c>: the next one comes 5 seconds later at the earliest.</summary>
    public DateTimeOffset? UsageAt { get; init; }

    /// <summary>Whether something of it was too long to keep.</summary>
    public bool IsTruncated { get; init; }

    /// <summary>Whether a terminal event came.</summary>
    public bool HasEnded => Status is RunStatus.Completed or RunStatus.Failed or RunStatus.Cancelled;
}

/// <summary>A step of a run.</summary>
public sealed record RunStepState(string StepId, string Title, bool IsCompleted);

/// <summary>A tool call of a run.</summary>
public sealed record ToolCallState(
    string ToolCallId, string Name, JsonElement? Arguments, JsonElement? Result, ToolCallStatus Status, bool IsTruncated = false);
