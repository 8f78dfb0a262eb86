namespace RealtimeHub.Server.Admission;

/// <summary>The place of one connection among those of its user. Disposing of it, once or more often, frees it.</summary>
internal sealed class ConnectionSlot(ConnectionSlots slots, SlotHolder holder) : IDisposable
{
    /// <summary>Whose.</summary>
    public SlotHolder Holder { get; } = holder;

    /// <summary>The connection that it was kept for; null when it was not negotiated. Owned by the slots.</summary>
    public string? ConnectionId { get; set; }

    /// <summary>Since when it has been kept. Owned by the slots.</summary>
    public long KeptSince { get; set; }

    /// <summary>Whether it is free again. Owned by the slots.</summary>
    public bool IsReleased { get; set; }

    /// <summary>The connection was negotiated: the slot waits for it to open, and lapses with it.</summary>
    public void KeepFor(string connectionId) => slots.Keep(this, connectionId);

    /// <summary>Frees it if no connection came of the negotiation.</summary>
    public void DisposeUnlessKept()
    {
        if (ConnectionId is null)
        {
            Dispose();
        }
    }

    public void Dispose() => slots.Release(this);
}
