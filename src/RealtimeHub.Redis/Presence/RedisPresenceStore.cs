using System.Collections.Concurrent;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Features.Presence;
using StackExchange.Redis;

namespace RealtimeHub.Redis.Presence;

/// <summary>Presence that all nodes share, and of this node alone while Redis is away or refuses what it is told.</summary>
/// <remarks>
/// <para>
/// What this node's connections said is also kept here. While Redis is away, or takes no writes, that is all there is; then it is told all of it, and
/// whatever may have changed meanwhile is told to everybody, a few times, because not every node listens at once.
/// </para>
/// <para>
/// Leases of connections belong to the node's incarnation: its name since it was started. It says that it lives every few seconds; when it does
/// not any more, whichever node notices first ends what it left.
/// </para>
/// </remarks>
internal sealed class RedisPresenceStore(RedisLink link, RedisBackplaneOptions options, PresenceOptions presence, TimeProvider time) : IPresenceStore
{
    // Scripts on their way at once while everything is told again.
    private const int Together = 100;

    // Looks at what is new meanwhile: somebody always types on a large node, and each look is shorter than the one before.
    private const int Passes = 5;

    // Nodes join the backplane one after the other when Redis is back, and hear nothing before. Who has not by then has another outage.
    private const int RoundsAfterOutage = 3;

    // Looks one after the other, a hundred leases each: a node that dies with 6,000 has left nothing after three sweeps, and no sweep is long.
    private const int LooksAtOnce = 20;

    private readonly InMemoryPresenceStore own = new(presence, time);
    private readonly string incarnation = Ids.New(time.GetUtcNow());
    private readonly ConcurrentDictionary<(PresencePlace Place, Subject Subject), bool> untold = [];
    private IReadOnlyList<(PresencePlace Place, Subject Subject)> toldBefore = []; // after the last outage
    private int rounds; // that follow
    private int toldIn; // the generation of the link that knows of everything here
    private long? refreshed;

    /// <inheritdoc/>
    public async ValueTask<PresenceChange?> SetAsync(
        PresencePlace place, Subject subject, PresenceLease lease, PresenceState state, CancellationToken cancellationToken)
    {
        var seenHere = await own.SetAsync(place, subject, lease, state, cancellationToken);
        var (answered, change) = await RunAsync(
            PresenceScripts.Set, SetArguments(place, subject, lease, state, mode: 0), cancellationToken);
        return Answer(place, subject, seenHere, answered, change);
    }

    /// <inheritdoc/>
    public async ValueTask<PresenceChange?> EndAsync(
        PresencePlace place, Subject subject, PresenceLease lease, TimeSpan after, CancellationToken cancellationToken)
    {
        var seenHere = await own.EndAsync(place, subject, lease, after, cancellationToken);
        var (answered, change) = await RunAsync(
            PresenceScripts.End, EndArguments(place, subject, lease, after, mode: 0), cancellationToken);
        return Answer(place, subject, seenHere, answered, change);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<PresenceItem>> ListAsync(PresencePlace place, CancellationToken cancellationToken)
    {
        var (answered, seen) = link.IsRefusing // it would tell what was so before
            ? default
            : await link.TryAsync(db => db.HashGetAllAsync(link.Keys.In(PresenceText.Of(place))), cancellationToken);
        return answered ? [.. seen!.Select(PresenceText.ReadSeen)] : await own.ListAsync(place, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<PresenceChange>> LapseAsync(CancellationToken cancellationToken)
    {
        var lapsedHere = await own.LapseAsync(cancellationToken);
        var changes = new List<PresenceChange>();
        if (link.IsUp && await RefreshAsync(changes, cancellationToken) && await LapseSharedAsync(changes, cancellationToken))
        {
            link.Accepted();
            return changes;
        }

        foreach (var change in lapsedHere)
        {
            untold[(change.Place, change.Item.Subject)] = true;
        }

        changes.AddRange(lapsedHere);
        return changes;
    }

    private async ValueTask<bool> LapseSharedAsync(List<PresenceChange> changes, CancellationToken cancellationToken)
    {
        for (var look = 0; look < LooksAtOnce; look++)
        {
            var (answered, result) = await RunAsync(PresenceScripts.Lapse, [], cancellationToken);
            if (!answered)
            {
                return false;
            }

            var parts = (RedisResult[])result!;
            changes.AddRange(((RedisResult[])parts[1]!).Select(c => PresenceText.ReadChange(c)!));
            if ((int)parts[0] == 0)
            {
                break;
            }
        }

        return true;
    }

    private PresenceChange? Answer(PresencePlace place, Subject subject, PresenceChange? seenHere, bool answered, RedisResult? change)
    {
        if (answered)
        {
            return PresenceText.ReadChange(change);
        }

        untold[(place, subject)] = true;
        return seenHere;
    }

    /// <summary>Says that the node lives, when it is time, and all that it knows, when Redis may not. False where Redis does not take it.</summary>
    private async ValueTask<bool> RefreshAsync(List<PresenceChange> changes, CancellationToken cancellationToken)
    {
        var generation = link.Generation;
        var isBack = toldIn != generation || !untold.IsEmpty;
        if (!isBack && !link.IsRefusing && refreshed is { } at && time.GetElapsedTime(at) < options.RefreshEvery)
        {
            return true;
        }

        var (answered, kept) = await RunAsync(
            PresenceScripts.Refresh, [incarnation, (long)options.NodeLease.TotalMilliseconds], cancellationToken);
        if (!answered)
        {
            return false;
        }

        // Somebody else may have found this node gone, when it was only slow.
        var isForgotten = (long)kept! != own.Held().Count(h => h.Left is null);
        if ((isBack || isForgotten) && !await TellAllAsync(isBack, changes, cancellationToken))
        {
            return false;
        }

        if (!isBack && rounds > 0 && !await RunAsync([.. toldBefore.Select(p => Settle(p.Place, p.Subject, mode: 1))], changes, cancellationToken))
        {
            return false;
        }

        rounds = isBack ? RoundsAfterOutage - 1 : Math.Max(0, rounds - 1);
        (toldIn, refreshed) = (generation, time.GetTimestamp());
        return true;
    }

    private async ValueTask<bool> TellAllAsync(bool isBack, List<PresenceChange> changes, CancellationToken cancellationToken)
    {
        // What is there was here first: whatever Redis keeps beyond what is here now has ended.
        var (answered, kept) = await link.TryAsync(db => db.SetMembersAsync(link.Keys.Node(incarnation)), cancellationToken);
        if (!answered)
        {
            return false;
        }

        var mode = isBack ? 1 : 0;
        var pairs = untold.Keys.ToList();
        var here = own.Held().Select(EntryOf).ToHashSet(StringComparer.Ordinal);
        List<(string, RedisValue[])> ended =
        [
            .. kept!.Select(k => (string)k!).Where(k => !here.Contains(k)).Select(k => k.Split(' '))
                .Select(k => (PresenceScripts.End, (RedisValue[])[k[0], k[1], k[2], 0, incarnation, mode])),
        ];
        if (!await RunAsync(ended, changes, cancellationToken))
        {
            return false;
        }

        // What is said meanwhile may come to Redis before what was said before it, so it is looked until nothing is new.
        var told = new Dictionary<string, HeldLease>(StringComparer.Ordinal);
        for (var pass = 0; pass < Passes; pass++)
        {
            var fresh = own.Held().Where(h => !told.TryGetValue(EntryOf(h), out var before) || before.State != h.State).ToList();
            if (fresh.Count == 0)
            {
                break;
            }

            fresh.ForEach(h => told[EntryOf(h)] = h);
            List<(string, RedisValue[])> steps =
            [
                .. fresh.Select(h => (PresenceScripts.Set, SetArguments(h.Place, h.Subject, h.Lease, h.State, mode))),
                .. fresh.Where(h => h.Left is not null)
                    .Select(h => (PresenceScripts.End, EndArguments(h.Place, h.Subject, h.Lease, h.Left!.Value, mode))),
            ];
            if (!await RunAsync(steps, changes, cancellationToken))
            {
                return false;
            }
        }

        // What this node told its own meanwhile may not be how things stand.
        if (!await RunAsync([.. pairs.Select(p => Settle(p.Place, p.Subject, mode: isBack ? 2 : 0))], changes, cancellationToken))
        {
            return false;
        }

        if (isBack)
        {
            toldBefore = [.. told.Values.Select(h => (h.Place, h.Subject)).Concat(pairs).Distinct()];
            pairs.ForEach(p => untold.TryRemove(p, out _));
        }

        return true;
    }

    private static (string Script, RedisValue[] Arguments) Settle(PresencePlace place, Subject subject, int mode) =>
        (PresenceScripts.End, [PresenceText.Of(place), PresenceText.Of(subject), "", 0, "", mode]);

    private async ValueTask<bool> RunAsync(
        IReadOnlyList<(string Script, RedisValue[] Arguments)> steps, List<PresenceChange> changes, CancellationToken cancellationToken)
    {
        foreach (var chunk in steps.Chunk(Together))
        {
            var results = await Task.WhenAll(chunk.Select(s => RunAsync(s.Script, s.Arguments, cancellationToken).AsTask()));
            if (results.Any(r => !r.Answered))
            {
                return false;
            }

            changes.AddRange(results.Select(r => PresenceText.ReadChange(r.Result)).OfType<PresenceChange>());
        }

        return true;
    }

    private string EntryOf(HeldLease held) => $"{PresenceText.Of(held.Place)} {PresenceText.Of(held.Subject)} {NameOf(held.Lease)}";

    private RedisValue[] SetArguments(PresencePlace place, Subject subject, PresenceLease lease, PresenceState state, int mode) =>
    [
        PresenceText.Of(place), PresenceText.Of(subject), NameOf(lease), PresenceText.Of(state), (long)presence.TypingTime.TotalMilliseconds,
        (long)(lease.Length?.TotalMilliseconds ?? 0), NodeOf(lease), mode, (long)options.NodeLease.TotalMilliseconds,
    ];

    private RedisValue[] EndArguments(PresencePlace place, Subject subject, PresenceLease lease, TimeSpan after, int mode) =>
        [PresenceText.Of(place), PresenceText.Of(subject), NameOf(lease), (long)after.TotalMilliseconds, NodeOf(lease), mode];

    // What was said over HTTP may have been said to any node, and ends by itself.
    private string NameOf(PresenceLease lease) => lease.Id == PresenceLease.Http ? lease.Id : $"{incarnation}.{lease.Id}";

    private string NodeOf(PresenceLease lease) => lease.Id == PresenceLease.Http ? "" : incarnation;

    private async ValueTask<(bool Answered, RedisResult? Result)> RunAsync(string script, RedisValue[] arguments, CancellationToken cancellationToken) =>
        await link.TryAsync(db => db.ScriptEvaluateAsync(script, [link.Keys.Presence], arguments), cancellationToken);
}
