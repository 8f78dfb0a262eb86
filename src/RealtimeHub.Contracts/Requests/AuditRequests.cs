namespace RealtimeHub.Contracts;

/// <summary>Asks for a page of the tenant's audit records, newest first. Takes the scope <c>admin</c>.</summary>
public sealed record GetAudit
{
    /// <summary>Only what was done, or tried, on this topic.</summary>
    public string? Topic { get; init; }

    /// <summary>Only what this subject did or tried: <c>{kind}:{id}</c>, as <c>user:olga</c>.</summary>
    public string? Actor { get; init; }

    /// <summary>The <c>next</c> of the page before.</summary>
    public string? After { get; init; }

    /// <summary>1 to 200; 50 when absent.</summary>
    public int? Limit { get; init; }
}

/// <summary>A page of audit records, newest first.</summary>
/// <param name="Items">May be fewer than the limit, even none, where much had to be looked through.</param>
/// <param name="Next">Null: there is nothing older.</param>
public sealed record AuditPage(IReadOnlyList<AuditItem> Items, string? Next = null);

/// <summary>Who did or tried what, on which topic, over which transport, and what came of it. Never what was said.</summary>
/// <param name="Time">When.</param>
/// <param name="Actor">Who.</param>
/// <param name="Request">The request type, as <c>SendMessage</c>.</param>
/// <param name="Surface"><c>events_hub</c>, <c>operator_hub</c>, <c>agent_hub</c> or <c>http</c>; <c>none</c> for what the service says of itself.</param>
/// <param name="Outcome"><c>ok</c>, or the error's code.</param>
/// <param name="Topic">On which topic; null where the request touches none, or was not valid.</param>
/// <param name="CorrelationId">The trace id, which the logs and traces show, too.</param>
/// <param name="Type">Of a success: the type of the event that it became.</param>
/// <param name="Seq">Of a success: the sequence of that event.</param>
/// <param name="Dropped">So many records were not kept because they came too fast.</param>
public sealed record AuditItem(
    DateTimeOffset Time,
    Subject Actor,
    string Request,
    string Surface,
    string Outcome,
    string? Topic = null,
    string? CorrelationId = null,
    string? Type = null,
    long? Seq = null,
    long? Dropped = null);
