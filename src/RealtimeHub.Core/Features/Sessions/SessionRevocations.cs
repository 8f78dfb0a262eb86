using System.Collections.Concurrent;
using System.Text.Json;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Delivery;
using RealtimeHub.Core.Folds;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Features.Sessions;

/// <summary>Knows on this node whose sessions were revoked, and ends their connections. Needs nothing but the log.</summary>
/// <remarks>
/// Who was asked for lately is in memory, and the node's tail keeps it current: a revocation is seen by every node as soon as it sees the
/// event. Somebody else is looked up once, in their own topic. An answer that a revocation may have overtaken is not kept, nor is one from before
/// the tail began; who is connected on it is looked up again.
/// </remarks>
public sealed class SessionRevocations(ITopicFolds folds, TimeProvider time) : ITailObserver
{
    private const int MaxKnown = 100_000;

    // While the log does not answer: a revocation is to be noticed within a second of its return.
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMilliseconds(500);

    private readonly ConcurrentDictionary<TopicKey, DateTimeOffset> known = []; // MinValue: nothing was revoked
    private readonly ConcurrentDictionary<Watched, byte> open = [];
    private long revision;

    /// <summary>Whether the token that the caller came with was revoked.</summary>
    /// <exception cref="LogUnavailableException">The caller was not asked for lately, and the log does not answer.</exception>
    public async ValueTask<bool> IsRevokedAsync(Caller caller, CancellationToken cancellationToken) =>
        TopicOf(caller.Subject) is { } topic && caller.IssuedAt < await RevokedBeforeAsync(new TopicKey(caller.Tenant, topic), cancellationToken);

    /// <summary>Has <paramref name="end"/> called, once, when the token that a connection was opened with is revoked. Until the answer is disposed of.</summary>
    public IDisposable Watch(Caller caller, Action end)
    {
        var watched = new Watched(this, caller, end);
        if (TopicOf(caller.Subject) is { } topic)
        {
            open[watched] = 0;
            if (known.TryGetValue(new TopicKey(caller.Tenant, topic), out var before))
            {
                watched.EndIfIssuedBefore(before); // it was revoked between the request and now
            }
            else
            {
                LookAgain([watched]); // what was known at the request has been forgotten since
            }
        }

        return watched;
    }

    /// <inheritdoc/>
    public void Begin(LogHead head)
    {
        // What other nodes revoked after it was looked up, and before the tail began, the tail will not bring.
        Forget();
        LookAgain([.. open.Keys]);
    }

    /// <inheritdoc/>
    public void See(StoredEvent e)
    {
        if (e.Type != EventTypes.SessionsRevoked || e.Origin is not null || Read(e) is not { } revoked || TopicOf(revoked.Subject) != e.Topic.Topic)
        {
            return;
        }

        Interlocked.Increment(ref revision);
        known.AddOrUpdate(e.Topic, revoked.Before, (_, before) => before > revoked.Before ? before : revoked.Before);
        foreach (var (watched, _) in open)
        {
            if (watched.Caller.Tenant == e.Topic.Tenant && watched.Caller.Subject == revoked.Subject)
            {
                watched.EndIfIssuedBefore(revoked.Before);
            }
        }
    }

    /// <inheritdoc/>
    public void LogReplaced() => Forget(); // it begins anew

    /// <summary>Where a subject's revocations are; null for one that has no sessions of its own.</summary>
    internal static Topic? TopicOf(Subject subject) => subject.Kind switch
    {
        SubjectKind.User => Topic.User(subject.Id),
        SubjectKind.Device => new Topic(TopicKind.Device, subject.Id),
        _ => null,
    };

    private async ValueTask<DateTimeOffset> RevokedBeforeAsync(TopicKey key, CancellationToken cancellationToken)
    {
        if (known.TryGetValue(key, out var before))
        {
            return before;
        }

        var seen = Interlocked.Read(ref revision);
        before = ((await folds.GetAsync(key, cancellationToken)).State as IHasSessions)?.SessionsRevokedBefore ?? DateTimeOffset.MinValue;
        Keep(key, before, seen);
        return before;
    }

    private void Forget()
    {
        Interlocked.Increment(ref revision);
        known.Clear();
    }

    // The tail waits for nobody who is looked up, and a connection that is opened does not either.
    private void LookAgain(IReadOnlyList<Watched> connections) => _ = Task.Run(async () =>
    {
        foreach (var watched in connections)
        {
            await LookAgainAsync(watched);
        }
    });

    private async Task LookAgainAsync(Watched watched)
    {
        var key = new TopicKey(watched.Caller.Tenant, TopicOf(watched.Caller.Subject)!.Value);
        while (open.ContainsKey(watched))
        {
            try
            {
                watched.EndIfIssuedBefore(await RevokedBeforeAsync(key, CancellationToken.None));
                return;
            }
            catch (LogUnavailableException)
            {
                await Task.Delay(LookAgainAfter, time, CancellationToken.None);
            }
        }
    }

    // A service on the backbone may write anything.
    private static SessionsRevoked? Read(StoredEvent e)
    {
        try
        {
            return e.Read<SessionsRevoked>();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private void Keep(TopicKey key, DateTimeOffset before, long seen)
    {
        if (known.Count >= MaxKnown)
        {
            known.Clear();
        }

        known.TryAdd(key, before);
        if (Interlocked.Read(ref revision) != seen)
        {
            known.TryRemove(KeyValuePair.Create(key, before)); // perhaps it was somebody else's; then it is looked up again
        }
    }

    private sealed class Watched(SessionRevocations owner, Caller caller, Action end) : IDisposable
    {
        private int isEnded;

        public Caller Caller => caller;

        public void EndIfIssuedBefore(DateTimeOffset before)
        {
            if (caller.IssuedAt < before && Interlocked.Exchange(ref isEnded, 1) == 0)
            {
                end();
            }
        }

        public void Dispose()
        {
            owner.open.TryRemove(this, out _);
            Interlocked.Exchange(ref isEnded, 1); // somebody may be looking it up
        }
    }
}
