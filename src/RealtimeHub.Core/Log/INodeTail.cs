namespace RealtimeHub.Core.Log;

/// <summary>The whole log, for whoever on a node follows it beside what the node delivers.</summary>
internal interface INodeTail
{
    /// <summary>As <see cref="IEventLog.TailAsync(ulong, long, CancellationToken)"/>.</summary>
    /// <param name="epoch">Of the log that <paramref name="after"/> is a place in.</param>
    /// <param name="after">Every event above it comes.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="LogUnavailableException">The log did not answer, or the node is in another one.</exception>
    IAsyncEnumerable<IReadOnlyList<StoredEvent>> FollowAsync(ulong epoch, long after, CancellationToken cancellationToken);
}

/// <summary>For a node that delivers nothing: the log's own tail.</summary>
internal sealed class UnsharedTail(IEventLog log) : INodeTail
{
    /// <inheritdoc/>
    public IAsyncEnumerable<IReadOnlyList<StoredEvent>> FollowAsync(ulong epoch, long after, CancellationToken cancellationToken) =>
        log.TailAsync(epoch, after, cancellationToken);
}
