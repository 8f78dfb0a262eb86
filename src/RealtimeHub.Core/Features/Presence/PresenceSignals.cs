using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RealtimeHub.Contracts;

namespace RealtimeHub.Core.Features.Presence;

/// <summary>What goes out to the audience, in order: who joins, who leaves, and what changed since the last time.</summary>
/// <remarks>Nobody who reports something waits here. Changes that have gathered go out as one message for each place.</remarks>
internal sealed class PresenceSignals(IPresenceAudience audience, ILogger<PresenceSignals> logger) : BackgroundService
{
    // A frame of some 64 KiB.
    private const int ChangesPerMessage = 500;

    // Sends that slow connections have not taken. Beyond them signals are lost rather than kept in memory.
    private const int MostPending = 1_000;

    private readonly Channel<Func<Task>> steps = Channel.CreateUnbounded<Func<Task>>(new() { SingleReader = true });
    private readonly Dictionary<PresencePlace, List<PresenceItem>> gathered = [];
    private int pending;

    /// <summary>A connection hears of a place from now on.</summary>
    public void Join(string connectionId, PresencePlace place) => steps.Writer.TryWrite(() => audience.JoinAsync(connectionId, place));

    /// <summary>A connection hears of a place no more.</summary>
    public void Leave(string connectionId, PresencePlace place) => steps.Writer.TryWrite(() => audience.LeaveAsync(connectionId, place));

    /// <summary>Something changed, or nothing did.</summary>
    public void Tell(PresenceChange? change)
    {
        if (change is not null)
        {
            steps.Writer.TryWrite(() => Gather(change));
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (await steps.Reader.WaitToReadAsync(stoppingToken))
        {
            while (steps.Reader.TryRead(out var step))
            {
                await SafelyAsync(step);
            }

            foreach (var (place, changes) in gathered)
            {
                foreach (var chunk in changes.Chunk(ChangesPerMessage))
                {
                    Send(place, chunk);
                }
            }

            gathered.Clear();
        }
    }

    private Task Gather(PresenceChange change)
    {
        if (!gathered.TryGetValue(change.Place, out var changes))
        {
            gathered[change.Place] = changes = [];
        }

        changes.Add(change.Item);
        return Task.CompletedTask;
    }

    // Not awaited: a connection that does not read would hold everybody else's signals up. Writes begin in order.
    private void Send(PresencePlace place, IReadOnlyList<PresenceItem> changes)
    {
        if (Volatile.Read(ref pending) < MostPending)
        {
            Interlocked.Increment(ref pending);
            _ = SendAsync(place, changes);
        }
    }

    private async Task SendAsync(PresencePlace place, IReadOnlyList<PresenceItem> changes)
    {
        await SafelyAsync(() => audience.TellAsync(place, changes));
        Interlocked.Decrement(ref pending);
    }

    private async Task SafelyAsync(Func<Task> step)
    {
        try
        {
            await step();
        }
        catch (Exception e)
        {
            PresenceLog.SignalLost(logger, e); // the transport is going away, or the backplane is
        }
    }
}
