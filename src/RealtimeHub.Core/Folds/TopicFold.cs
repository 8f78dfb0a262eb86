using System.Diagnostics;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Folds;

/// <summary>A topic folded up to a sequence. Immutable.</summary>
public sealed record TopicFold
{
    /// <summary>Which topic.</summary>
    public required TopicKey Key { get; init; }

    /// <summary>Sequence of the last event in it; 0 when there is none.</summary>
    public long Sequence { get; init; }

    /// <summary>The last state event in it: what the next command of the topic expects.</summary>
    public StateMark LastState { get; init; }

    /// <summary>What the events add up to.</summary>
    public required ITopicState State { get; init; }

    /// <summary>The keyed requests and the published ids of the last 24 hours.</summary>
    public required RecentRequests Recent { get; init; }

    /// <summary>Whether the topic has any state event.</summary>
    public bool Exists => LastState.Sequence > 0;

    /// <summary>The state as the kind that the topic is known to be of.</summary>
    public T StateAs<T>()
        where T : class, ITopicState => State as T ?? throw new UnreachableException($"{Key} is no {typeof(T).Name}.");

    /// <summary>What the caller may do here; null: not even know that it exists. A tenant's admin owns everything in it that exists.</summary>
    public Permission? PermissionOf(Caller caller) =>
        caller.Tenant != Key.Tenant ? null
        : caller.IsAdmin && Exists ? Permission.Own
        : State.PermissionOf(caller);

    /// <summary>The fold after <paramref name="e"/>, and whether clients are to see the event.</summary>
    /// <remarks>An event at or below <see cref="Sequence"/> changes nothing, so that log and tail may overlap.</remarks>
    public (TopicFold Fold, bool Effective) Apply(StoredEvent e)
    {
        if (e.Sequence <= Sequence)
        {
            return (this, false);
        }

        var next = State.Apply(e);
        var isState = e.Lane == Lane.State;
        return (this with
        {
            Sequence = e.Sequence,
            LastState = isState ? StateMark.Of(e) : LastState,
            State = next ?? State,
            Recent = Recent.With(e),
        }, next is not null);
    }
}
