using System.Text.Json;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Folds;

/// <summary>The state of a topic of one kind: what its events add up to. Immutable, so that it can be read while the next event is applied.</summary>
public interface ITopicState
{
    /// <summary>The state after <paramref name="e"/>; null when the event has no place in it and is not to be delivered
    /// (a delta of a message that is not open, or that does not continue its text; a second terminal event of a run).</summary>
    /// <param name="e">The next event of the topic.</param>
    ITopicState? Apply(StoredEvent e);

    /// <summary>What the caller may do here apart from being the tenant's admin; null: not even know that it exists.</summary>
    Permission? PermissionOf(Caller caller);

    /// <summary>Sequence of the event that started the oldest open message, reasoning or tool call; null when none is open.</summary>
    long? OldestOpen { get; }

    /// <summary>Who may see it in a list.</summary>
    IEnumerable<Subject> Readers { get; }

    /// <summary>Writes the members that lists show.</summary>
    void WriteScalars(Utf8JsonWriter writer);

    /// <summary>Writes the members of the protocol's Snapshots, scalars and all, within a budget.</summary>
    void WriteMembers(Utf8JsonWriter writer, SnapshotBudget budget);
}
