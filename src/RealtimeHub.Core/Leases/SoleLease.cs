namespace RealtimeHub.Core.Leases;

/// <summary>The lease of a node that is alone: it holds it always. The embedded store admits one process.</summary>
internal sealed class SoleLease : ILease
{
    public ValueTask<ILeaseTerm> AcquireAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult<ILeaseTerm>(new Term());
    }

    private sealed class Term : ILeaseTerm
    {
        public CancellationToken Lost => CancellationToken.None;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
