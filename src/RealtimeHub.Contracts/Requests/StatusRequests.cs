namespace RealtimeHub.Contracts;

/// <summary>Asks how the node is. Everybody with a token may.</summary>
public sealed record GetStatus;

/// <summary>Whether a part of a node works.</summary>
public enum PartStatus
{
    /// <summary>It works.</summary>
    Ok,

    /// <summary>It works and is late: more than a few seconds behind the log.</summary>
    Behind,

    /// <summary>It does not answer, or stands still.</summary>
    Unavailable,

    /// <summary>The node has none.</summary>
    None,
}

/// <summary>How a node is.</summary>
/// <param name="Version">Of the program.</param>
/// <param name="Node">Its name.</param>
/// <param name="UptimeSeconds">Since it was started.</param>
/// <param name="Log">Whether the log answers: without it nothing is accepted.</param>
/// <param name="Tail">Whether delivery follows the log.</param>
/// <param name="Projector">Whether lists, copies and deadlines follow the log.</param>
/// <param name="Backplane">Whether signals reach other nodes; <c>none</c> on a node by itself.</param>
/// <param name="Details">For admins alone.</param>
public sealed record NodeStatus(
    string Version,
    string Node,
    long UptimeSeconds,
    PartStatus Log,
    PartStatus Tail,
    PartStatus Projector,
    PartStatus Backplane,
    NodeDetails? Details = null);

/// <summary>What a node has to do. Rates are means over the last minute, or since the start when that is shorter.</summary>
/// <param name="Connections">Open connections.</param>
/// <param name="Subscriptions">Of all connections together.</param>
/// <param name="Feeds">Topics that are watched, or were a moment ago.</param>
/// <param name="LogHead">Sequence of the log's last event.</param>
/// <param name="TailLag">Events between the log's head and what delivery has seen.</param>
/// <param name="ProjectorLag">Events between the log's head and what the projector has dealt with.</param>
/// <param name="RequestsPerSecond">Requests, reading ones included, over every surface.</param>
/// <param name="EventsPerSecond">Events that came through the log.</param>
/// <param name="DeliveriesPerSecond">Events written to connections: one that a thousand watch counts a thousand times.</param>
/// <param name="AuditDropped">Audit records that were not kept, since the start.</param>
public sealed record NodeDetails(
    ConnectionCounts Connections,
    int Subscriptions,
    int Feeds,
    long LogHead,
    long TailLag,
    long ProjectorLag,
    double RequestsPerSecond,
    double EventsPerSecond,
    double DeliveriesPerSecond,
    long AuditDropped);

/// <summary>Connections by what they are doing: nothing, being written to, or not taking what was written.</summary>
public sealed record ConnectionCounts(int Total, int Idle, int Writing, int Busy, IReadOnlyDictionary<string, int> ByHub);
