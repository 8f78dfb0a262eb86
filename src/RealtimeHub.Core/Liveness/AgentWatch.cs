using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Liveness;

/// <summary>What <see cref="AgentLiveness"/> knows of an agent that is connected or has work.</summary>
/// <param name="agent">The agent's topic.</param>
/// <param name="since">Since when it is watched: it has its time from then on, too.</param>
internal sealed class AgentWatch(TopicKey agent, DateTimeOffset since)
{
    public TopicKey Agent { get; } = agent;

    /// <summary>Its unfinished runs. Guarded by the owner's lock.</summary>
    public Dictionary<string, WatchedRun> Runs { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether something came that may matter though the agent is known to be away. Guarded by the owner's lock.</summary>
    public bool HasNews { get; set; }

    /// <summary>Its last sign of life; null: none since it is watched.</summary>
    public DateTimeOffset? SeenAt { get; private set; }

    public bool IsConnected { get; set; }

    /// <summary>Whether it was connected, and its absence was not told yet.</summary>
    public bool UsesHub { get; set; }

    /// <summary>Whether a restart would know of <see cref="UsesHub"/>.</summary>
    public bool IsKept { get; set; }

    /// <summary>Whether its presence was told, as far as there was something to tell; null: it is not known which.</summary>
    public bool? IsThere { get; set; }

    /// <summary>Whether its status was looked at since it is connected.</summary>
    public bool IsStatusSaid { get; set; }

    public void Seen(DateTimeOffset at) => SeenAt = at > SeenAt ? at : SeenAt ?? at;

    /// <summary>Whether it gave a sign of life, and not only has its time.</summary>
    public bool ShowsLife(DateTimeOffset now, TimeSpan offlineAfter) => IsConnected || now - SeenAt < offlineAfter;

    public bool IsAway(DateTimeOffset now, TimeSpan offlineAfter) =>
        !ShowsLife(now, offlineAfter) && now - since >= offlineAfter;
}

/// <summary>A run that has not ended.</summary>
/// <param name="Topic">Where it lives.</param>
/// <param name="RunId">Which.</param>
/// <param name="Since">Since when it is known: an agent that is away already has its time from then on.</param>
internal readonly record struct WatchedRun(TopicKey Topic, string RunId, DateTimeOffset Since);
