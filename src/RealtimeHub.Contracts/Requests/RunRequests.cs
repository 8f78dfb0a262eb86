using System.Text.Json;

namespace RealtimeHub.Contracts;

/// <summary>Gives an agent work. The run lives in the conversation if one is named, else in the process, else in the agent's topic.</summary>
public sealed record StartRun : IKeyedRequest
{
    /// <summary>Who is to do it.</summary>
    public required string AgentId { get; init; }

    /// <summary>The conversation whose turn this is.</summary>
    public string? ConversationId { get; init; }

    /// <summary>The process that it belongs to.</summary>
    public string? ProcessId { get; init; }

    /// <summary>The process step that it carries out.</summary>
    public string? StepId { get; init; }

    /// <summary>What the agent is to do; any JSON up to 32 KiB.</summary>
    public required JsonElement Input { get; init; }

    /// <summary>1 to 604,800 seconds; 3,600 when absent. Then the run fails with code <c>timeout</c>.</summary>
    public int? TimeoutSeconds { get; init; }

    /// <inheritdoc/>
    public string? IdempotencyKey { get; init; }
}

/// <summary>What <see cref="StartRun"/> made, and the topic that it lives in.</summary>
public sealed record StartRunResult(string RunId, string Topic);

/// <summary>Asks the agent to stop. A run that has not started is cancelled at once; another has 30 seconds.</summary>
public sealed record CancelRun : IKeyedRequest
{
    /// <summary>Where the run lives.</summary>
    public required string Topic { get; init; }

    /// <summary>Which run.</summary>
    public required string RunId { get; init; }

    /// <summary>For people; up to 1,000 characters.</summary>
    public string? Reason { get; init; }

    /// <inheritdoc/>
    public string? IdempotencyKey { get; init; }
}

/// <summary>Gives a working agent one more instruction.</summary>
public sealed record SteerRun : IKeyedRequest
{
    /// <summary>Where the run lives.</summary>
    public required string Topic { get; init; }

    /// <summary>Which run.</summary>
    public required string RunId { get; init; }

    /// <summary>1 character to 32 KiB of UTF-8.</summary>
    public required string Instruction { get; init; }

    /// <inheritdoc/>
    public string? IdempotencyKey { get; init; }
}
