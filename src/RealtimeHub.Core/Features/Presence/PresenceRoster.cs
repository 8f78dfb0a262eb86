using System.Runtime.InteropServices;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Features.Presence;

/// <summary>What a connection has to do with a place.</summary>
[Flags]
internal enum Attendance
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>It watches.</summary>
    Watches = 1,

    /// <summary>It said that it is there.</summary>
    Present = 2,
}

/// <summary>The connections of this node that hear of presence or are present, by connection and by place. Thread-safe.</summary>
internal sealed class PresenceRoster
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, Dictionary<PresencePlace, Attendance>> connections = new(StringComparer.Ordinal);
    private readonly Dictionary<PresencePlace, Dictionary<string, Caller>> places = [];

    /// <summary>Every place that there is somebody in.</summary>
    public IReadOnlyList<PresencePlace> Places
    {
        get
        {
            lock (gate)
            {
                return [.. places.Keys];
            }
        }
    }

    /// <summary>A connection is open.</summary>
    public void Open(string connectionId)
    {
        lock (gate)
        {
            connections.TryAdd(connectionId, []);
        }
    }

    /// <summary>A connection is gone; returns the places that it was present in.</summary>
    public IReadOnlyList<PresencePlace> Close(string connectionId)
    {
        lock (gate)
        {
            if (!connections.Remove(connectionId, out var attended))
            {
                return [];
            }

            foreach (var place in attended.Keys)
            {
                Forget(connectionId, place);
            }

            return [.. attended.Where(a => a.Value.HasFlag(Attendance.Present)).Select(a => a.Key)];
        }
    }

    /// <summary>Adds to what a connection has to do with a place; null when it is gone, or may be present in no more places.</summary>
    /// <returns>What it had to do with it before.</returns>
    public Attendance? Add(Caller caller, PresencePlace place, Attendance attendance, int mostPresent = int.MaxValue)
    {
        lock (gate)
        {
            if (!connections.TryGetValue(caller.ConnectionId!, out var attended))
            {
                return null;
            }

            ref var held = ref CollectionsMarshal.GetValueRefOrAddDefault(attended, place, out _);
            var before = held;
            if (attendance == Attendance.Present && !before.HasFlag(Attendance.Present)
                && attended.Values.Count(a => a.HasFlag(Attendance.Present)) >= mostPresent)
            {
                if (before == Attendance.None)
                {
                    attended.Remove(place);
                }

                return null;
            }

            held |= attendance;
            if (!places.TryGetValue(place, out var there))
            {
                places[place] = there = new(StringComparer.Ordinal);
            }

            there[caller.ConnectionId!] = caller;
            return before;
        }
    }

    /// <summary>Takes something away from what a connection has to do with a place.</summary>
    /// <returns>What it had to do with it before, and what is left.</returns>
    public (Attendance Before, Attendance Left) Remove(string connectionId, PresencePlace place, Attendance attendance)
    {
        lock (gate)
        {
            if (!connections.TryGetValue(connectionId, out var attended) || !attended.TryGetValue(place, out var before))
            {
                return default;
            }

            var left = before & ~attendance;
            if (left == Attendance.None)
            {
                attended.Remove(place);
                Forget(connectionId, place);
            }
            else
            {
                attended[place] = left;
            }

            return (before, left);
        }
    }

    /// <summary>Whether a connection has that to do with a place.</summary>
    public bool Has(string connectionId, PresencePlace place, Attendance attendance)
    {
        lock (gate)
        {
            return connections.TryGetValue(connectionId, out var attended) && attended.GetValueOrDefault(place).HasFlag(attendance);
        }
    }

    /// <summary>Those who have to do with a place.</summary>
    public IReadOnlyList<Caller> In(PresencePlace place)
    {
        lock (gate)
        {
            return places.TryGetValue(place, out var there) ? [.. there.Values] : [];
        }
    }

    private void Forget(string connectionId, PresencePlace place)
    {
        if (places.TryGetValue(place, out var there) && there.Remove(connectionId) && there.Count == 0)
        {
            places.Remove(place);
        }
    }
}
