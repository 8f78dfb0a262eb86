using System.Text;
using Microsoft.Extensions.Logging;
using RealtimeHub.Core.Documents;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Leases;

/// <summary>A term of a <see cref="DocumentLease"/>.</summary>
internal sealed class DocumentLeaseTerm(IDocumentStore documents, TimeProvider time, ILogger logger, string holder) : ILeaseTerm
{
    private readonly byte[] value = Encoding.UTF8.GetBytes(holder);
    private readonly CancellationTokenSource lost = new(DocumentLease.HeldFor, time);
    private readonly CancellationTokenSource ended = new();
    private Task renewing = Task.CompletedTask;
    private long revision;

    public CancellationToken Lost => lost.Token;

    /// <summary>Takes the lease if its document is still at this revision (0: if it is not there).</summary>
    public async ValueTask<bool> TryBeginAsync(long expected, CancellationToken cancellationToken)
    {
        revision = expected;
        var isBegun = false;
        try
        {
            isBegun = await RenewAsync(cancellationToken);
        }
        finally
        {
            if (!isBegun)
            {
                lost.Dispose();
                ended.Dispose();
            }
        }

        renewing = isBegun ? KeepAsync() : Task.CompletedTask;
        return isBegun;
    }

    public async ValueTask DisposeAsync()
    {
        await ended.CancelAsync();
        await renewing;
        if (!lost.IsCancellationRequested)
        {
            await GiveBackAsync();
        }

        lost.Dispose();
        ended.Dispose();
    }

    private async Task KeepAsync()
    {
        using var timer = new PeriodicTimer(DocumentLease.RenewEvery, time);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(lost.Token, ended.Token);
        try
        {
            while (await timer.WaitForNextTickAsync(over.Token))
            {
                try
                {
                    if (!await RenewAsync(over.Token))
                    {
                        await lost.CancelAsync();
                    }
                }
                catch (LogUnavailableException)
                {
                    // There is time for another attempt, or there is not.
                }
            }
        }
        catch (OperationCanceledException)
        {
            if (lost.IsCancellationRequested)
            {
                LeasesLog.Lost(logger, DocumentLease.Key);
            }
        }
    }

    /// <summary>Writes the document; false when it is another's.</summary>
    private async ValueTask<bool> RenewAsync(CancellationToken cancellationToken)
    {
        var begun = time.GetTimestamp();
        var written = await documents.PutAsync(DocumentLease.Key, value, revision, cancellationToken);
        if (written is null && await documents.GetAsync(DocumentLease.Key, cancellationToken) is { } current && current.Value.Span.SequenceEqual(value))
        {
            // An earlier write whose answer was lost. When that was is not known; others count from there.
            begun = time.GetTimestamp();
            written = await documents.PutAsync(DocumentLease.Key, value, current.Revision, cancellationToken);
        }

        if (written is null)
        {
            return false;
        }

        revision = written.Value;
        var rest = DocumentLease.HeldFor - time.GetElapsedTime(begun);
        if (rest > TimeSpan.Zero)
        {
            lost.CancelAfter(rest);
        }

        return true;
    }

    private async ValueTask GiveBackAsync()
    {
        try
        {
            await documents.DeleteAsync(DocumentLease.Key, revision, lost.Token);
        }
        catch (Exception e) when (e is LogUnavailableException or OperationCanceledException)
        {
            // It lapses by itself.
        }
    }
}
