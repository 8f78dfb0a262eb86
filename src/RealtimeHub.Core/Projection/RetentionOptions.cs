namespace RealtimeHub.Core.Projection;

/// <summary>What is not kept for ever. Configured under <c>Retention</c>.</summary>
public sealed class RetentionOptions
{
    /// <summary>Deltas older than this are removed, once what they belong to is complete. 0: they are kept.</summary>
    public int DeltaHours { get; set; } = 24;
}
