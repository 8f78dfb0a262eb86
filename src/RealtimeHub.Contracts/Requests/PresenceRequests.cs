namespace RealtimeHub.Contracts;

/// <summary>How somebody is there.</summary>
public enum PresenceState
{
    /// <summary>There.</summary>
    Active,

    /// <summary>There, and busy with something else.</summary>
    Away,

    /// <summary>There, and writing. Becomes <see cref="Active"/> after 10 seconds unless it is said again.</summary>
    Typing,

    /// <summary>Not there.</summary>
    Offline,
}

/// <summary>Says how the caller is there: in a topic that it may read, or in the tenant as a whole. No event: it is never stored in the log.</summary>
/// <remarks>
/// Over a hub it lasts as long as the connection, and 5 seconds longer, so that whoever reconnects was never away; over HTTP 60 seconds. What
/// several connections of one subject say is one presence: typing before active before away. A key is accepted and changes nothing: to say the
/// same again is to say it once.
/// </remarks>
public sealed record SetPresence : IKeyedRequest
{
    /// <summary>Where; absent: in the tenant as a whole.</summary>
    public string? Topic { get; init; }

    /// <summary>How. <see cref="PresenceState.Offline"/> takes back what this connection said.</summary>
    public required PresenceState State { get; init; }

    /// <inheritdoc/>
    public string? IdempotencyKey { get; init; }
}

/// <summary>Asks who is there, newest change first: in a topic that the caller may read, or, without one, in the tenant as a whole.</summary>
public sealed record ListPresence
{
    /// <summary>Where; absent: in the tenant as a whole.</summary>
    public string? Topic { get; init; }

    /// <summary>1 to 200; 50 when absent.</summary>
    public int? Limit { get; init; }

    /// <summary>The <c>next</c> of the page before.</summary>
    public string? After { get; init; }
}

/// <summary>How somebody is there.</summary>
/// <param name="Subject">Who.</param>
/// <param name="State">How.</param>
/// <param name="Since">Since when. Of two changes of one subject in one place the one with the later time stands, whichever came first.</param>
public sealed record PresenceItem(Subject Subject, PresenceState State, DateTimeOffset Since);

/// <summary>A page of those who are there; <paramref name="Next"/> is null on the last one.</summary>
public sealed record PresencePage(IReadOnlyList<PresenceItem> Items, string? Next = null);
