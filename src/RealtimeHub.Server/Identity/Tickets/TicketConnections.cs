using System.Collections.Concurrent;

namespace RealtimeHub.Server.Identity.Tickets;

/// <summary>Remembers which connection was opened with which ticket, on this node, while the connection lives.</summary>
/// <remarks>
/// Server-sent events and long polling send a request per message, each with the ticket of the first one. Without this memory
/// they would be refused once the ticket is older than <see cref="ConnectionTickets.Lifetime"/>. An entry costs about 200 bytes
/// and goes when its connection ends, when nobody opens the connection in time, or with the token.
/// </remarks>
internal sealed class TicketConnections(TimeProvider time, ILogger<TicketConnections> logger)
{
    /// <summary>Most connections remembered: far above what one node serves, and 50 MB.</summary>
    public const int Capacity = 250_000;

    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, Entry> entries = new(StringComparer.Ordinal);
    private long nextSweep;

    /// <summary>How many are remembered.</summary>
    public int Count => entries.Count;

    /// <summary>A connection was negotiated with a ticket; it must be used before the ticket stops opening connections.</summary>
    /// <returns>False when there is no room; then the connection must not be given out.</returns>
    public bool TryRemember(string connectionToken, ConnectionTicket ticket)
    {
        Sweep();
        if (entries.Count >= Capacity)
        {
            IdentityLog.TooManyTicketConnections(logger, Capacity);
            return false;
        }

        entries[connectionToken] = new Entry(ticket.Id, ticket.OpensUntil);
        return true;
    }

    /// <summary>Whether the connection was opened with this ticket; true for one that no ticket opened, while the ticket still opens connections.</summary>
    public bool MayUse(string connectionToken, ConnectionTicket ticket)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        if (!entries.TryGetValue(connectionToken, out var entry) || entry.Until <= now)
        {
            // SignalR answers for connections that do not exist (any more).
            return now < ticket.OpensUntil;
        }

        if (entry.TicketId != ticket.Id)
        {
            return false;
        }

        if (entry.Until != ticket.EndsAt)
        {
            // In use: from now on it lasts as long as the token. If it was forgotten meanwhile, it stays so.
            entries.TryUpdate(connectionToken, entry with { Until = ticket.EndsAt }, entry);
        }

        return true;
    }

    /// <summary>The connection ended.</summary>
    public void Forget(string connectionToken) => entries.TryRemove(connectionToken, out _);

    private void Sweep()
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var due = Volatile.Read(ref nextSweep);
        if (now < due || Interlocked.CompareExchange(ref nextSweep, now + (long)SweepInterval.TotalMilliseconds, due) != due)
        {
            return;
        }

        foreach (var pair in entries)
        {
            if (pair.Value.Until <= now)
            {
                entries.TryRemove(pair);
            }
        }
    }

    /// <param name="TicketId">The ticket that opened it.</param>
    /// <param name="Until">When the entry goes, in milliseconds since 1970.</param>
    private sealed record Entry(string TicketId, long Until);
}
