namespace RealtimeHub.Core.Projection;

/// <summary>How the projector is tuned. The defaults are the product's.</summary>
internal sealed class ProjectionOptions
{
    /// <summary>How much time lies between two writes of lists and of the projector's position. Short enough that nobody sees it.</summary>
    public TimeSpan FlushEvery { get; set; } = TimeSpan.FromMilliseconds(100);
}
