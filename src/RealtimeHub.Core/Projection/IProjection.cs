using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Projection;

/// <summary>Something that follows from state events. Done at least once, so doing it again must change nothing.</summary>
internal interface IProjection
{
    /// <summary>Called for every state event that is no copy, in the log's order.</summary>
    ValueTask ProjectAsync(StoredEvent e, CancellationToken cancellationToken);

    /// <summary>Called after a batch, before its position is kept: what was gathered must be durable when this returns.</summary>
    ValueTask FlushAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;
}
