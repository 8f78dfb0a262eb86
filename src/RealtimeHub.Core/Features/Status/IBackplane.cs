using RealtimeHub.Contracts;

namespace RealtimeHub.Core.Features.Status;

/// <summary>What carries presence and typing to other nodes.</summary>
public interface IBackplane
{
    /// <summary>Whether it does at the moment; <see cref="PartStatus.None"/> on a node by itself.</summary>
    PartStatus Status { get; }
}

/// <summary>A node by itself.</summary>
internal sealed class NoBackplane : IBackplane
{
    public PartStatus Status => PartStatus.None;
}
