namespace RealtimeHub.Core.Leases;

/// <summary>Something that one node at a time does for all of them.</summary>
internal interface ILeasedWork
{
    /// <summary>Called at the beginning of each term, before any work runs: forgets what was known in an earlier one, and reads what is kept.</summary>
    Task PrepareAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Works until it is cancelled. May return earlier, when there is nothing to do.</summary>
    Task RunAsync(CancellationToken cancellationToken);
}
