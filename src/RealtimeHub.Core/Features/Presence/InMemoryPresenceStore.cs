using RealtimeHub.Contracts;

namespace RealtimeHub.Core.Features.Presence;

/// <summary>Who is there on a node by itself, or as far as this node knows.</summary>
public sealed class InMemoryPresenceStore(PresenceOptions options, TimeProvider time) : IPresenceStore
{
    private readonly Lock gate = new();
    private readonly Dictionary<PresencePlace, Dictionary<Subject, Presence>> places = [];
    private readonly PriorityQueue<(PresencePlace Place, Subject Subject), DateTimeOffset> due = new();

    /// <inheritdoc/>
    public ValueTask<PresenceChange?> SetAsync(
        PresencePlace place, Subject subject, PresenceLease lease, PresenceState state, CancellationToken cancellationToken)
    {
        var now = Now();
        lock (gate)
        {
            if (state == PresenceState.Offline)
            {
                Find(place, subject)?.Leases.Remove(lease.Id);
                return ValueTask.FromResult(Settle(place, subject, now));
            }

            var said = state == PresenceState.Typing
                ? new Word(PresenceState.Active, now + options.TypingTime, now + lease.Length)
                : new Word(state, TypingUntil: null, now + lease.Length);
            if (!places.TryGetValue(place, out var present))
            {
                places[place] = present = [];
            }

            if (!present.TryGetValue(subject, out var presence))
            {
                present[subject] = presence = new Presence();
            }

            presence.Leases[lease.Id] = said;
            Await(place, subject, said.TypingUntil);
            Await(place, subject, said.Ends);
            return ValueTask.FromResult(Settle(place, subject, now));
        }
    }

    /// <inheritdoc/>
    public ValueTask<PresenceChange?> EndAsync(
        PresencePlace place, Subject subject, PresenceLease lease, TimeSpan after, CancellationToken cancellationToken)
    {
        var now = Now();
        lock (gate)
        {
            if (Find(place, subject) is { } presence && presence.Leases.TryGetValue(lease.Id, out var said))
            {
                presence.Leases[lease.Id] = said with { Ends = now + after };
                Await(place, subject, now + after);
            }

            return ValueTask.FromResult(Settle(place, subject, now));
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<PresenceItem>> ListAsync(PresencePlace place, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            return ValueTask.FromResult<IReadOnlyList<PresenceItem>>(
                places.TryGetValue(place, out var present) ? [.. present.Select(p => new PresenceItem(p.Key, p.Value.State, p.Value.Since))] : []);
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<PresenceChange>> LapseAsync(CancellationToken cancellationToken)
    {
        var now = Now();
        var changes = new List<PresenceChange>();
        lock (gate)
        {
            while (due.TryPeek(out var next, out var at) && at <= now)
            {
                due.Dequeue();
                if (Settle(next.Place, next.Subject, now) is { } change)
                {
                    changes.Add(change);
                }
            }
        }

        return ValueTask.FromResult<IReadOnlyList<PresenceChange>>(changes);
    }

    /// <summary>Every lease of a connection, for a shared store that has to be told again.</summary>
    internal IReadOnlyList<HeldLease> Held()
    {
        var now = Now();
        lock (gate)
        {
            return
            [
                .. from place in places
                   from presence in place.Value
                   from lease in presence.Value.Leases
                   where lease.Key != PresenceLease.Http && !(lease.Value.Ends <= now)
                   select new HeldLease(place.Key, presence.Key, new PresenceLease(lease.Key), lease.Value.At(now), lease.Value.Ends - now),
            ];
        }
    }

    private DateTimeOffset Now() => DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());

    private Presence? Find(PresencePlace place, Subject subject) => places.GetValueOrDefault(place)?.GetValueOrDefault(subject);

    private void Await(PresencePlace place, Subject subject, DateTimeOffset? at)
    {
        if (at is { } then)
        {
            due.Enqueue((place, subject), then);
        }
    }

    /// <summary>What the leases say together now, if that is another thing than before.</summary>
    private PresenceChange? Settle(PresencePlace place, Subject subject, DateTimeOffset now)
    {
        if (Find(place, subject) is not { } presence)
        {
            return null;
        }

        var (before, state) = (presence.State, PresenceState.Offline);
        foreach (var (id, said) in presence.Leases)
        {
            if (said.Ends <= now)
            {
                presence.Leases.Remove(id);
            }
            else if (RankOf(said.At(now)) > RankOf(state))
            {
                state = said.At(now);
            }
        }

        if (state == PresenceState.Offline)
        {
            places[place].Remove(subject);
            if (places[place].Count == 0)
            {
                places.Remove(place);
            }
        }

        if (state == before)
        {
            return null;
        }

        (presence.State, presence.Since) = (state, now > presence.Since ? now : presence.Since.AddMilliseconds(1));
        return new PresenceChange(place, new PresenceItem(subject, state, presence.Since));
    }

    private static int RankOf(PresenceState state) => state switch
    {
        PresenceState.Typing => 3,
        PresenceState.Active => 2,
        PresenceState.Away => 1,
        _ => 0,
    };

    private sealed class Presence
    {
        public Dictionary<string, Word> Leases { get; } = new(StringComparer.Ordinal);

        public PresenceState State { get; set; } = PresenceState.Offline;

        public DateTimeOffset Since { get; set; }
    }

    /// <summary>What a lease says.</summary>
    private readonly record struct Word(PresenceState State, DateTimeOffset? TypingUntil, DateTimeOffset? Ends)
    {
        public PresenceState At(DateTimeOffset now) => TypingUntil > now ? PresenceState.Typing : State;
    }
}

/// <summary>A connection's lease, what it says now, and how long it still lasts if its connection is gone.</summary>
internal sealed record HeldLease(PresencePlace Place, Subject Subject, PresenceLease Lease, PresenceState State, TimeSpan? Left);
