using RealtimeHub.Contracts;
using RealtimeHub.Core.Delivery;
using RealtimeHub.Core.Folds;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Features.Presence;

/// <summary>Joins connections and subscriptions to presence: who hears of what, and whose presence ends when.</summary>
/// <remarks>
/// A connection of the operators' hub hears of its tenant while it is open, if it is a user's, and of a topic while it watches it or is present
/// in it. Permission is that of the topic: where a subscription is revoked, or an access event takes it from somebody who is merely present,
/// both end.
/// </remarks>
internal sealed class PresenceKeeper(
    IPresenceStore store, PresenceSignals signals, PresenceRoster roster, ITopicFolds folds, PresenceOptions options, Limits limits)
    : ISubscriptionObserver
{
    /// <summary>A connection is open.</summary>
    public void Connected(Caller caller)
    {
        roster.Open(caller.ConnectionId!);
        if (caller.Subject.Kind == SubjectKind.User)
        {
            Watch(caller, new PresencePlace(caller.Tenant, Topic: null));
        }
    }

    /// <summary>A connection is gone; it is present a little longer, in case it comes back.</summary>
    public void Disconnected(Caller caller)
    {
        foreach (var place in roster.Close(caller.ConnectionId!))
        {
            _ = EndAsync(caller, place, options.Grace);
        }
    }

    /// <summary>Says how the caller, who may, is in a place; an error where that is over a limit, or where it may no more.</summary>
    public async ValueTask<Error?> SetAsync(Caller caller, PresencePlace place, PresenceState state, CancellationToken cancellationToken)
    {
        if (caller.ConnectionId is null)
        {
            signals.Tell(await store.SetAsync(
                place, caller.Subject, new PresenceLease(PresenceLease.Http, options.HttpLease), state, cancellationToken));
            return null;
        }

        if (state == PresenceState.Offline)
        {
            await LeaveAsync(caller, place, Attendance.Present);
            return null;
        }

        if (roster.Add(caller, place, Attendance.Present, limits.SubscriptionsPerConnection) is not { } before)
        {
            return Error.TooLarge($"A connection is present in at most {limits.SubscriptionsPerConnection} places.");
        }

        if (before == Attendance.None)
        {
            signals.Join(caller.ConnectionId, place);
        }

        signals.Tell(await store.SetAsync(place, caller.Subject, LeaseOf(caller), state, cancellationToken));
        if (!roster.Has(caller.ConnectionId, place, Attendance.Present))
        {
            await EndAsync(caller, place, options.Grace); // it went away meanwhile
        }

        return await RecheckAsync(caller, place, cancellationToken);
    }

    /// <inheritdoc/>
    public void Began(TopicKey topic, Caller caller)
    {
        if (caller.Surface == Surface.OperatorHub)
        {
            Watch(caller, new PresencePlace(topic.Tenant, topic.Topic));
        }
    }

    /// <inheritdoc/>
    public void Ended(TopicKey topic, Caller caller)
    {
        if (caller.Surface == Surface.OperatorHub)
        {
            _ = LeaveAsync(caller, new PresencePlace(topic.Tenant, topic.Topic), Attendance.Watches | Attendance.Present);
        }
    }

    /// <summary>Ends what callers may not have any more in a place whose access has changed.</summary>
    public async ValueTask RecheckAsync(PresencePlace place, CancellationToken cancellationToken)
    {
        foreach (var caller in roster.In(place))
        {
            await RecheckAsync(caller, place, cancellationToken);
        }
    }

    private static PresenceLease LeaseOf(Caller caller) => new(caller.ConnectionId!);

    private async ValueTask<Error?> RecheckAsync(Caller caller, PresencePlace place, CancellationToken cancellationToken)
    {
        if (place.Topic is not { } topic
            || TopicReadPolicy.Refusal(caller, await folds.GetAsync(new TopicKey(place.Tenant, topic), cancellationToken)) is not { } refusal)
        {
            return null;
        }

        await LeaveAsync(caller, place, Attendance.Watches | Attendance.Present);
        return refusal;
    }

    private void Watch(Caller caller, PresencePlace place)
    {
        if (roster.Add(caller, place, Attendance.Watches) == Attendance.None)
        {
            signals.Join(caller.ConnectionId!, place);
        }
    }

    private async Task LeaveAsync(Caller caller, PresencePlace place, Attendance attendance)
    {
        var (before, left) = roster.Remove(caller.ConnectionId!, place, attendance);
        if (before != Attendance.None && left == Attendance.None)
        {
            signals.Leave(caller.ConnectionId!, place);
        }

        if ((before & ~left).HasFlag(Attendance.Present))
        {
            await EndAsync(caller, place, TimeSpan.Zero);
        }
    }

    private async Task EndAsync(Caller caller, PresencePlace place, TimeSpan after) =>
        signals.Tell(await store.EndAsync(place, caller.Subject, LeaseOf(caller), after, CancellationToken.None));
}
