using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using RealtimeHub.Core.Documents;
using RealtimeHub.Core.Leases;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Projection;

namespace RealtimeHub.Core.Features.Audit;

/// <summary>Removes audit records when they are old, an hour's at a time.</summary>
internal sealed class AuditRetention(IDocumentStore documents, RetentionOptions options, TimeProvider time, ILogger<AuditRetention> logger)
    : ILeasedWork
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(10);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        do
        {
            try
            {
                await RemoveAsync(cancellationToken);
            }
            catch (LogUnavailableException e)
            {
                AuditLog.NotRemoved(logger, e);
            }
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    private async Task RemoveAsync(CancellationToken cancellationToken)
    {
        // Where nothing was ever removed, there is nothing so old: the first look is at the first start.
        var end = AuditKeys.HourOf(time.GetUtcNow() - options.AuditTime);
        var kept = await documents.GetAsync(AuditKeys.RemovedTo, cancellationToken);
        var hour = kept is null ? end : DateTimeOffset.Parse(Encoding.UTF8.GetString(kept.Value.Span), CultureInfo.InvariantCulture);
        if (kept is not null && hour >= end)
        {
            return;
        }

        for (; hour < end; hour = hour.AddHours(1))
        {
            await documents.DeleteAllAsync(AuditKeys.Hour(hour), cancellationToken);
        }

        var position = Encoding.UTF8.GetBytes(end.ToString("O", CultureInfo.InvariantCulture));
        await documents.PutAsync(AuditKeys.RemovedTo, position, expectedRevision: null, cancellationToken);
    }
}
