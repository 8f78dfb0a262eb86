using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Delivery;

/// <summary>Sees every event of the log in its order, on every node, as soon as the node does. For what concerns the node as a whole.</summary>
public interface ITailObserver
{
    /// <summary>From here on every event is seen: what is above the place where the tail begins.</summary>
    void Begin(LogHead head)
    {
    }

    /// <summary>The next event. Returns at once and never throws: the tail waits for it.</summary>
    void See(StoredEvent e);

    /// <summary>The log was replaced: what was seen may not have happened.</summary>
    void LogReplaced();
}
