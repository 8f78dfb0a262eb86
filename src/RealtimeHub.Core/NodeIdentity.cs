using RealtimeHub.Contracts;

namespace RealtimeHub.Core;

/// <summary>Which node this is.</summary>
/// <param name="Name">As people call it.</param>
/// <param name="Version">Of the program.</param>
/// <param name="StartedAt">When the process began.</param>
public sealed record NodeIdentity(string Name, string Version, DateTimeOffset StartedAt)
{
    /// <summary>Names this process among all that ever were: what a killed one left behind is nobody else's.</summary>
    public string Incarnation { get; } = Ids.New(StartedAt);
}
