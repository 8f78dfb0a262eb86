using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.Extensions.Options;
using RealtimeHub.Contracts;
using RealtimeHub.Core;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Server.Admission;

/// <summary>Whose connections are counted together.</summary>
internal readonly record struct SlotHolder(string Tenant, Subject Subject)
{
    /// <summary>The caller, whatever it connects to.</summary>
    public static SlotHolder Of(Caller caller) => new(caller.Tenant, caller.Subject);
}

/// <summary>Counts the connections of each user on this node, over all hubs. Thread-safe: no race passes the limit.</summary>
/// <remarks>
/// A connection that was negotiated counts from then on, whether or not it is ever opened: SignalR keeps it in memory until
/// <see cref="ConnectionOptions.DisconnectTimeout"/> is over, and as long it has its slot. What is negotiated lapses in the order in which it
/// came, so that each call looks only at what has lapsed, and a user who never comes back leaves nothing behind.
/// </remarks>
internal sealed class ConnectionSlots(Limits limits, IOptions<ConnectionOptions> options, TimeProvider time)
{
    private readonly int limit = limits.ConnectionsPerUser;
    private readonly TimeSpan keptFor = options.Value.DisconnectTimeout ?? TimeSpan.FromSeconds(15);

    private readonly Lock gate = new();
    private readonly Dictionary<SlotHolder, int> taken = [];
    private readonly Dictionary<string, ConnectionSlot> negotiated = new(StringComparer.Ordinal);
    private readonly Queue<ConnectionSlot> lapsing = [];

    /// <summary>How many slots are taken, by everybody.</summary>
    public int Count
    {
        get
        {
            lock (gate)
            {
                Lapse();
                return taken.Values.Sum();
            }
        }
    }

    /// <summary>What a negotiation over the limit is answered. By then every connection that was negotiated and never opened has lapsed.</summary>
    public Error Refusal => new(ErrorCode.RateLimited, Sentence) { RetryAfterMs = (int)keptFor.TotalMilliseconds };

    /// <summary>What a connection over the limit is told.</summary>
    public ClosingMessage Closing => new(ClosingCode.Limit, Sentence, Reconnect: false, AfterMs: 0);

    private string Sentence => $"A user may have {limit} connections to a node.";

    /// <summary>Whether another connection would be let in now. Takes nothing.</summary>
    public bool HasRoom(SlotHolder holder)
    {
        lock (gate)
        {
            Lapse();
            return taken.GetValueOrDefault(holder) < limit;
        }
    }

    /// <summary>Takes a slot; null when all are taken. It is free again when it is disposed of.</summary>
    public ConnectionSlot? TryTake(SlotHolder holder)
    {
        lock (gate)
        {
            Lapse();
            ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(taken, holder, out _);
            if (count >= limit)
            {
                return null;
            }

            count++;
            return new ConnectionSlot(this, holder);
        }
    }

    /// <summary>The slot of a connection that opens: the one that it was negotiated with if that has not lapsed, else another; null when all are taken.</summary>
    public ConnectionSlot? TryOpen(SlotHolder holder, string connectionId)
    {
        lock (gate)
        {
            Lapse();
            return negotiated.TryGetValue(connectionId, out var kept) && kept.Holder == holder && negotiated.Remove(connectionId)
                ? kept
                : TryTake(holder);
        }
    }

    internal void Keep(ConnectionSlot slot, string connectionId)
    {
        lock (gate)
        {
            (slot.ConnectionId, slot.KeptSince) = (connectionId, time.GetTimestamp());
            negotiated.Add(connectionId, slot);
            lapsing.Enqueue(slot);
        }
    }

    internal void Release(ConnectionSlot slot)
    {
        lock (gate)
        {
            if (slot.IsReleased)
            {
                return;
            }

            slot.IsReleased = true;
            ref var count = ref CollectionsMarshal.GetValueRefOrNullRef(taken, slot.Holder);
            if (--count == 0)
            {
                taken.Remove(slot.Holder);
            }
        }
    }

    private void Lapse()
    {
        while (lapsing.TryPeek(out var slot) && time.GetElapsedTime(slot.KeptSince) >= keptFor)
        {
            lapsing.Dequeue();
            if (negotiated.Remove(slot.ConnectionId!))
            {
                Release(slot);
            }
        }
    }
}
