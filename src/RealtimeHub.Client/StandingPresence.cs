using System.Collections.Concurrent;
using RealtimeHub.Contracts;

namespace RealtimeHub.Client;

/// <summary>What the caller said of its presence, to be said again on each new connection.</summary>
internal sealed class StandingPresence
{
    private readonly ConcurrentDictionary<string, PresenceState> places = new(StringComparer.Ordinal);

    /// <summary>All of it. Nobody types for as long as a connection is away.</summary>
    public IEnumerable<SetPresence> All => places.Select(p => new SetPresence
    {
        Topic = p.Key.Length == 0 ? null : p.Key,
        State = p.Value == PresenceState.Typing ? PresenceState.Active : p.Value,
    });

    public void Said(SetPresence request)
    {
        if (request.State == PresenceState.Offline)
        {
            Refused(request);
        }
        else
        {
            places[request.Topic ?? ""] = request.State;
        }
    }

    /// <summary>The caller may not be there.</summary>
    public void Refused(SetPresence request) => places.TryRemove(request.Topic ?? "", out _);
}
