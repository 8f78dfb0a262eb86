using System.Text.Json;

namespace RealtimeHub.Contracts;

/// <summary>What every hub sends.</summary>
public interface IEventsClient
{
    /// <summary>A topic's state; comes before the first <see cref="Events"/> of a subscription that asked for it or needs it.</summary>
    Task Snapshot(SnapshotMessage message);

    /// <summary>Events of a topic, in order, without a gap or a repetition.</summary>
    Task Events(EventsMessage message);

    /// <summary>Something happened to a subscription itself.</summary>
    Task SubscriptionChanged(SubscriptionChangedMessage message);

    /// <summary>The server is about to end the connection.</summary>
    Task Closing(ClosingMessage message);
}

/// <summary>What OperatorHub sends.</summary>
public interface IOperatorClient : IEventsClient
{
    /// <summary>Somebody's presence changed: in a topic that this connection watches or is present in, or in the tenant as a whole.</summary>
    /// <remarks>Not an event: it may be lost, and what was missed is not sent again. GET <c>/api/v1/presence</c> says how things stand.</remarks>
    Task PresenceChanged(PresenceChangedMessage message);
}

/// <summary>What AgentHub sends.</summary>
public interface IAgentClient : IEventsClient;

/// <summary>A topic's state, and the position that it is the state at.</summary>
public sealed record SnapshotMessage(string Topic, JsonElement State, string Cursor, string? Ref = null);

/// <summary>Events of a topic; <paramref name="Cursor"/> is the position after the last one.</summary>
public sealed record EventsMessage(string Topic, string Cursor, IReadOnlyList<Event> Events);

/// <summary>What happened to a subscription.</summary>
public enum SubscriptionStatus
{
    /// <summary>The permission ended; nothing follows for the topic.</summary>
    Revoked,

    /// <summary>The fence between an old subscription's events and those of the one that took its place.</summary>
    Replaced,

    /// <summary>The log is another one; a snapshot follows.</summary>
    Reset,

    /// <summary>Lagging by more than 1,000 events or 5 seconds.</summary>
    Behind,

    /// <summary>Caught up.</summary>
    Live,
}

/// <summary>Something happened to a subscription.</summary>
public sealed record SubscriptionChangedMessage(string Topic, SubscriptionStatus Status, string? Ref = null, string? Reason = null);

/// <summary>Who is there in another way than before; without <paramref name="Topic"/> in the tenant as a whole.</summary>
public sealed record PresenceChangedMessage(IReadOnlyList<PresenceItem> Changes, string? Topic = null);

/// <summary>Why the server ends a connection.</summary>
public enum ClosingCode
{
    /// <summary>The server is shutting down.</summary>
    Draining,

    /// <summary>The token that the connection was opened with ends.</summary>
    TokenExpired,

    /// <summary>The sessions or the device were revoked.</summary>
    Revoked,

    /// <summary>The client took nothing for 10 seconds.</summary>
    SlowConsumer,

    /// <summary>Over a documented limit.</summary>
    Limit,
}

/// <summary>The server is about to end the connection; come back after <paramref name="AfterMs"/> if <paramref name="Reconnect"/>.</summary>
public sealed record ClosingMessage(ClosingCode Code, string Reason, bool Reconnect, int AfterMs);
