using RealtimeHub.Core.Features.Presence;

namespace RealtimeHub.Specification.Presence;

/// <summary>Two nodes of some backend over one new and empty presence, or one node that is both.</summary>
public interface IPresenceHarness : IAsyncDisposable
{
    /// <summary>A node's store.</summary>
    IPresenceStore Store { get; }

    /// <summary>Another node's; the same where a node is by itself.</summary>
    IPresenceStore Other { get; }

    /// <summary>How long presence lasts here.</summary>
    PresenceOptions Options { get; }

    /// <summary>Lets so much time pass for the stores.</summary>
    ValueTask PassAsync(TimeSpan time);

    /// <summary>Lets so much time pass that something lapses, and returns what did, on whichever node it was found.</summary>
    ValueTask<IReadOnlyList<PresenceChange>> LapseAsync(TimeSpan time);
}
