namespace RealtimeHub.Core.Liveness;

/// <summary>When an agent counts as away. The defaults are the protocol's; tests make them small.</summary>
public sealed class LivenessOptions
{
    /// <summary>An agent is away when it has given no sign of life for so long.</summary>
    public TimeSpan OfflineAfter { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often it is looked who is there.</summary>
    public TimeSpan Period { get; set; } = TimeSpan.FromMilliseconds(250);
}
