using RealtimeHub.Contracts;
using RealtimeHub.Core.Delivery;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Features.Runs;

/// <summary>Where the newest runs live: what the list says of a run, before the projector has written it there.</summary>
/// <remarks>A hint. Whether the run is there, and who may see it, the topic says.</remarks>
internal sealed class RunHomes : ITailObserver
{
    // Three seconds of nothing but requested runs at 5,000 commands/s, in some 6 MB. A projector that is later than that shows in its lag.
    private const int MaxKnown = 16 * 1024;

    private readonly Lock changing = new();
    private readonly Dictionary<(string Tenant, string RunId), Topic> homes = [];
    private readonly Queue<(string Tenant, string RunId)> oldest = [];

    /// <summary>The topic of a run that was requested lately; null for any other.</summary>
    public Topic? Find(string tenant, string runId)
    {
        lock (changing)
        {
            return homes.TryGetValue((tenant, runId), out var topic) ? topic : null;
        }
    }

    /// <summary>The run is in the log, or about to be.</summary>
    public void Note(TopicKey home, string runId)
    {
        lock (changing)
        {
            if (homes.TryAdd((home.Tenant, runId), home.Topic))
            {
                oldest.Enqueue((home.Tenant, runId));
            }

            if (oldest.Count > MaxKnown)
            {
                homes.Remove(oldest.Dequeue());
            }
        }
    }

    /// <inheritdoc/>
    public void See(StoredEvent e)
    {
        if (e is { Type: EventTypes.RunRequested, Origin: null, RunId: { } runId })
        {
            Note(e.Topic, runId);
        }
    }

    /// <inheritdoc/>
    public void LogReplaced()
    {
        lock (changing)
        {
            homes.Clear();
            oldest.Clear();
        }
    }
}
