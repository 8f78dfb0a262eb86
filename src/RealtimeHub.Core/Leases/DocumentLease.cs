using Microsoft.Extensions.Logging;
using RealtimeHub.Core.Documents;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Leases;

/// <summary>A lease that is a document: who wrote it last holds it, and writes it again every second.</summary>
/// <remarks>
/// No clocks are compared. A node that finds the document's revision unchanged for <see cref="LapsesAfter"/>, by its own clock, takes it over,
/// if the revision is still that one. The holder counts from before it wrote, and gives up after <see cref="HeldFor"/>, which is earlier: at
/// most one node holds the lease as long as clocks go at the same pace.
/// </remarks>
internal sealed class DocumentLease(IDocumentStore documents, NodeIdentity node, TimeProvider time, ILogger<DocumentLease> logger) : ILease
{
    /// <summary>Where the lease is kept.</summary>
    public const string Key = "lease.projector";

    /// <summary>How often the holder writes.</summary>
    public static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(1);

    /// <summary>How long the holder may go on after its last write.</summary>
    public static readonly TimeSpan HeldFor = TimeSpan.FromSeconds(2.5);

    /// <summary>How long others wait for the next write. With what they take to look, takeover is within 5 s.</summary>
    public static readonly TimeSpan LapsesAfter = TimeSpan.FromSeconds(3.5);

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250);

    public async ValueTask<ILeaseTerm> AcquireAsync(CancellationToken cancellationToken)
    {
        var seen = (Revision: 0L, At: time.GetTimestamp());
        while (true)
        {
            try
            {
                var current = await documents.GetAsync(Key, cancellationToken);
                if (current is not null && current.Revision != seen.Revision)
                {
                    seen = (current.Revision, time.GetTimestamp());
                }
                else if (current is null || time.GetElapsedTime(seen.At) >= LapsesAfter)
                {
                    var term = new DocumentLeaseTerm(documents, time, logger, $"{node.Incarnation} {node.Name} {time.GetTimestamp()}");
                    if (await term.TryBeginAsync(current?.Revision ?? 0, cancellationToken))
                    {
                        LeasesLog.Held(logger, Key);
                        return term;
                    }
                }
            }
            catch (LogUnavailableException)
            {
                // Nobody can hold it now: not even looking is possible.
            }

            await Task.Delay(LookEvery, time, cancellationToken);
        }
    }
}
