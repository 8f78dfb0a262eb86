using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RealtimeHub.Contracts;

namespace RealtimeHub.Client;

/// <summary>What becomes of a run that an earlier process of the agent had started.</summary>
public enum RestartPolicy
{
    /// <summary>It fails with code <c>agent_restarted</c>.</summary>
    Fail,

    /// <summary>It is handed to the handler again, with <see cref="RunContext.IsResumed"/>.</summary>
    Resume,
}

/// <summary>How an <see cref="AgentRuntime"/> works.</summary>
public sealed record AgentRuntimeOptions
{
    /// <summary>The agent; the client's token must speak for it.</summary>
    public required string AgentId { get; init; }

    /// <summary>
    /// Where its work begins. The snapshot lists every open run, so it needs nothing to be remembered. A cursor must be
    /// one up to which every run has ended, else a run requested before it is not seen.
    /// </summary>
    public StartPosition Start { get; init; } = StartPosition.Snapshot;

    /// <summary>Runs at a time; others wait, and the agent says that it is busy.</summary>
    public int MaxConcurrentRuns { get; init; } = 4;

    /// <summary>What becomes of runs that an earlier process had started.</summary>
    public RestartPolicy OnRestart { get; init; } = RestartPolicy.Fail;

    /// <summary>Whether to publish <c>agent.status_changed</c>: online, busy and offline.</summary>
    public bool AnnounceStatus { get; init; } = true;

    /// <summary>Called with the position after each batch of work that was taken over, for those who keep it.</summary>
    public Action<string>? OnPosition { get; init; }

    /// <summary>Called once, when the agent takes work.</summary>
    public Action? OnReady { get; init; }

    /// <summary>What the world is told of an exception that the handler threw; nothing of the inside unless said otherwise.</summary>
    public Func<Exception, RunError> DescribeError { get; init; } =
        _ => new RunError("agent_error", "The agent met an error that it did not expect.");

    /// <summary>For how long runs may say their last when the agent stops; 10 seconds.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Where to log to; nowhere unless given.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;
}
