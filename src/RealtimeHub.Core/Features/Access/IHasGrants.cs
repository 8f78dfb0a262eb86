using RealtimeHub.Contracts;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Features.Access;

/// <summary>A topic on which permissions are given and taken back: agents and processes.</summary>
public interface IHasGrants
{
    /// <summary>Who was given what; nobody the same twice.</summary>
    IReadOnlyCollection<AccessGrant> Grants { get; }

    /// <summary>Why a caller who may see the topic may not change that; null when it may.</summary>
    Error? RefusalToGrant(Caller caller);
}
