using RealtimeHub.Core.Log;

namespace RealtimeHub.Specification.Log;

/// <summary>A new, empty log of some backend, and what can befall it.</summary>
public interface IEventLogHarness : IAsyncDisposable
{
    /// <summary>The log; another object after <see cref="RollBackAsync"/> and <see cref="RenewAsync"/> where that takes opening it anew.</summary>
    IEventLog Log { get; }

    /// <summary>Purges events, as retention does: their sequences are never given again, and the head stays.</summary>
    Task PurgeAsync(params long[] sequences);

    /// <summary>Forgets everything above a sequence, as restoring a backup does: the epoch stays and sequences are given again.</summary>
    Task RollBackAsync(long toSequence);

    /// <summary>Makes the log anew: empty, with another epoch.</summary>
    Task RenewAsync();
}
