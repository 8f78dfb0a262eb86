namespace RealtimeHub.Core.Features.Presence;

/// <summary>How long presence lasts.</summary>
public sealed class PresenceOptions
{
    /// <summary>How long a connection that ended is still there: stock clients come back at once, or 2 s later.</summary>
    public TimeSpan Grace { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long what was said over HTTP stands.</summary>
    public TimeSpan HttpLease { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long somebody is typing without saying so again.</summary>
    public TimeSpan TypingTime { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often it is looked what has lapsed.</summary>
    public TimeSpan SweepPeriod { get; set; } = TimeSpan.FromMilliseconds(500);
}
