using RealtimeHub.Contracts;

namespace RealtimeHub.Core.Pipeline;

/// <summary>Which of a node's rates a request counts against.</summary>
public enum Rate
{
    /// <summary>None: it reads what is in memory, or is bounded otherwise.</summary>
    None,

    /// <summary>The commands of a user.</summary>
    Commands,

    /// <summary>The events of an agent or another publisher.</summary>
    PublishedEvents,

    /// <summary>The reads of history of a user: they read the log.</summary>
    HistoryReads,
}

/// <summary>What a call takes of a rate.</summary>
/// <param name="Holder">Whose share it is.</param>
/// <param name="Cost">How much of it.</param>
public readonly record struct RateUse(Subject Holder, int Cost);
