using RealtimeHub.Contracts;

namespace RealtimeHub.Client;

/// <summary>Who is there in another way than before.</summary>
/// <param name="topic">Where; null: in the tenant as a whole.</param>
/// <param name="changes">Who, and how now.</param>
public sealed class PresenceChangedEventArgs(string? topic, IReadOnlyList<PresenceItem> changes) : EventArgs
{
    /// <summary>Where; null: in the tenant as a whole.</summary>
    public string? Topic { get; } = topic;

    /// <summary>Who, and how now.</summary>
    public IReadOnlyList<PresenceItem> Changes { get; } = changes;
}
