using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Projection;

/// <summary>Something that follows from state events. Done at least once, so doing it again must change nothing.</summary>
internal interface IProjection
{
    /// <summary>Called when the projector begins, at first or again: what was gathered and not flushed comes once more.</summary>
    /// <param name="epoch">The log's.</param>
    void Begin(ulong epoch)
    {
    }

    /// <summary>Called when the log is another one, whose events all come from the beginning: what was made of the old one goes.</summary>
    ValueTask StartOverAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>Called for every state event that is no copy, in the log's order.</summary>
    ValueTask ProjectAsync(StoredEvent e, CancellationToken cancellationToken);

    /// <summary>Called after a batch, before its position is kept: what was gathered must be durable when this returns.</summary>
    ValueTask FlushAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;
}
