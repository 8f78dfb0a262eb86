namespace RealtimeHub.Core.Projection;

/// <summary>What is not kept for ever. Configured under <c>Retention</c>.</summary>
public sealed class RetentionOptions
{
    /// <summary>Deltas older than this are removed, once what they belong to is complete. 0: they are kept.</summary>
    public int DeltaHours { get; set; } = 24;

    /// <summary>
    /// A conversation that was archived, and in which nothing happened since, is removed whole after so many days: its history, its state
    /// and its place in lists. Copies in other topics stay. 0: it is kept.
    /// </summary>
    public int EndedDays { get; set; }

    /// <summary>Audit records older than this are removed; 1 to 3,650. The events that successes became stay.</summary>
    public int AuditDays { get; set; } = 90;

    /// <summary><see cref="AuditDays"/> within its bounds.</summary>
    internal TimeSpan AuditTime => TimeSpan.FromDays(Math.Clamp(AuditDays, 1, 3650));
}
