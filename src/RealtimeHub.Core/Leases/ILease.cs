namespace RealtimeHub.Core.Leases;

/// <summary>What one node at a time holds, of all that share the log and the documents.</summary>
public interface ILease
{
    /// <summary>Waits until this node holds the lease.</summary>
    /// <returns>Held until it is disposed of, which gives it back, or until it is lost.</returns>
    ValueTask<ILeaseTerm> AcquireAsync(CancellationToken cancellationToken);
}

/// <summary>The time for which a node holds a lease.</summary>
public interface ILeaseTerm : IAsyncDisposable
{
    /// <summary>Is cancelled before another node can hold the lease.</summary>
    /// <remarks>
    /// By the clock of this process: one that stands still may go on for a moment when it is continued. So what is done under a lease must
    /// bear being done twice.
    /// </remarks>
    CancellationToken Lost { get; }
}
