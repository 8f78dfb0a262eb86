using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Delivery;

/// <summary>What the engine keeps in memory on this node, and whether that is too much. Thread-safe.</summary>
/// <remarks>
/// <para>What there is, and what bounds it:</para>
/// <list type="bullet">
/// <item>rings: <see cref="DeliveryOptions.RingMaxBytes"/> each; beyond <see cref="DeliveryOptions.RingBytesPerNode"/> all of them keep young events alone;</item>
/// <item>events on their way from the tail to feeds: <see cref="DeliveryOptions.BacklogBytes"/>, then the tail waits, and the log keeps the rest;</item>
/// <item>a connection: two frames in its transport and one page of history (<see cref="DeliveryOptions.PageBytes"/>), however many topics it watches;</item>
/// <item>a feed: a few shared frames and one written snapshot, for as long as they are in use.</item>
/// </list>
/// </remarks>
internal sealed class DeliveryMemory(DeliveryOptions options)
{
    /// <summary>Objects around an event's bytes: measured at 400 to 500 bytes with the strings of its envelope.</summary>
    private const int EventOverhead = 512;

    private long ringBytes;
    private long backlogBytes;
    private TaskCompletionSource? room;

    /// <summary>Bytes that the rings of all feeds hold.</summary>
    public long RingBytes => Interlocked.Read(ref ringBytes);

    /// <summary>Bytes of events that the tail has handed on and their feeds have not taken.</summary>
    public long BacklogBytes => Interlocked.Read(ref backlogBytes);

    /// <summary>Whether rings must be content with young events.</summary>
    public bool IsTight => RingBytes > options.RingBytesPerNode;

    /// <summary>What an event costs, with its two encodings.</summary>
    public static int CostOf(StoredEvent e) => EventOverhead + (3 * e.Body.Length);

    public void AddToRings(long bytes) => Interlocked.Add(ref ringBytes, bytes);

    /// <summary>An event is on its way to a feed.</summary>
    public void Post(StoredEvent e) => Interlocked.Add(ref backlogBytes, CostOf(e));

    /// <summary>A feed has taken an event.</summary>
    public void Taken(StoredEvent e)
    {
        if (Interlocked.Add(ref backlogBytes, -CostOf(e)) <= options.BacklogBytes / 2)
        {
            Volatile.Read(ref room)?.TrySetResult();
        }
    }

    /// <summary>Waits while feeds have too much to take.</summary>
    public async ValueTask WaitForRoomAsync(CancellationToken cancellationToken)
    {
        if (BacklogBytes <= options.BacklogBytes)
        {
            return;
        }

        var waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Interlocked.Exchange(ref room, waiting);
        if (BacklogBytes > options.BacklogBytes / 2) // what was taken before the exchange signalled nobody
        {
            await waiting.Task.WaitAsync(cancellationToken);
        }
    }
}
