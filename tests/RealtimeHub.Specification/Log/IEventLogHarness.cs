using RealtimeHub.Core.Log;

namespace RealtimeHub.Specification.Log;

/// <summary>A new, empty log of some backend, and what can befall it.</summary>
public interface IEventLogHarness : IAsyncDisposable
{
    /// <summary>The log; another object after <see cref="RollBackAsync"/> and <see cref="RenewAsync"/> where that takes opening it anew.</summary>
    IEventLog Log { get; }

    /// <summary>A time by the log's clock: everything stored so far was taken before it, and everything stored from now on was not.</summary>
    Task<DateTimeOffset> MarkTimeAsync();

    /// <summary>Forgets everything above a sequence, as restoring a backup does: the epoch stays and sequences are given again.</summary>
    Task RollBackAsync(long toSequence);

    /// <summary>Makes the log anew: empty, with another epoch.</summary>
    Task RenewAsync();
}
