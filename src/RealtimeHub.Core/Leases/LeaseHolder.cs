using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace RealtimeHub.Core.Leases;

/// <summary>Does what one node does for all, while it holds the lease.</summary>
internal sealed class LeaseHolder(ILease lease, IEnumerable<ILeasedWork> works, TimeProvider time, ILogger<LeaseHolder> logger) : BackgroundService
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly IReadOnlyList<ILeasedWork> works = [.. works];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                await HoldAsync(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LeasesLog.Interrupted(logger, e);
                await Task.Delay(RetryDelay, time, stoppingToken);
            }
        }
    }

    private async Task HoldAsync(CancellationToken stoppingToken)
    {
        await using var term = await lease.AcquireAsync(stoppingToken);
        using var held = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, term.Lost);
        try
        {
            await WorkAsync(held);
        }
        catch (Exception) when (term.Lost.IsCancellationRequested && !stoppingToken.IsCancellationRequested)
        {
            // Another node goes on; this one waits for its turn.
        }
    }

    // The lease is given back when all of it has ended, and not before.
    private async Task WorkAsync(CancellationTokenSource held)
    {
        foreach (var work in works)
        {
            await work.PrepareAsync(held.Token);
        }

        await Task.WhenAll(works.Select(RunAsync));
        await Task.Delay(Timeout.InfiniteTimeSpan, time, held.Token); // everything had nothing to do

        async Task RunAsync(ILeasedWork work)
        {
            try
            {
                await work.RunAsync(held.Token);
            }
            catch
            {
                await held.CancelAsync();
                throw;
            }
        }
    }
}
