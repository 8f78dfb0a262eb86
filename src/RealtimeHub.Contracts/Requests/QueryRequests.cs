using System.Text.Json;

namespace RealtimeHub.Contracts;

/// <summary>Asks for a page of a topic's events.</summary>
public sealed record GetHistory
{
    /// <summary>Which topic.</summary>
    public required string Topic { get; init; }

    /// <summary>Cursor; the page begins after it, ascending. Not with <see cref="Before"/>.</summary>
    public string? After { get; init; }

    /// <summary>Cursor; the page begins before it, newest first; <c>""</c> begins at the head.</summary>
    public string? Before { get; init; }

    /// <summary>1 to 1,000; 100 when absent.</summary>
    public int? Limit { get; init; }

    /// <summary>Comma separated; <c>message.*</c> is allowed.</summary>
    public string? Types { get; init; }
}

/// <summary>A page of a topic's events, and where the next one begins.</summary>
public sealed record History(IReadOnlyList<JsonElement> Events, string Cursor, bool HasMore);

/// <summary>Asks for a topic's state.</summary>
public sealed record GetSnapshot
{
    /// <summary>Which topic.</summary>
    public required string Topic { get; init; }
}

/// <summary>A topic's state, and the position that it is the state at.</summary>
public sealed record TopicSnapshot(JsonElement State, string Cursor);

/// <summary>Asks for a page of what the caller may see, newest activity first.</summary>
public abstract record ListRequest
{
    /// <summary>1 to 200; 50 when absent.</summary>
    public int? Limit { get; init; }

    /// <summary>The <c>next</c> of the page before.</summary>
    public string? After { get; init; }

    /// <summary><c>key</c> or <c>key=value</c>.</summary>
    public string? Label { get; init; }
}

/// <summary>Asks for the conversations that the caller is in.</summary>
public sealed record ListConversations : ListRequest
{
    /// <summary><c>true</c> or <c>false</c>: the archived ones alone, or the others alone; all when absent.</summary>
    public string? Archived { get; init; }
}

/// <summary>Asks for the runs that live in topics that the caller may read. <c>label</c> means the labels of the conversation.</summary>
public sealed record ListRuns : ListRequest
{
    /// <summary>Only this agent's.</summary>
    public string? AgentId { get; init; }

    /// <summary>Only these, comma separated: <c>requested</c>, <c>running</c>, <c>waiting</c>, <c>completed</c>, <c>failed</c>, <c>cancelled</c>.</summary>
    public string? Status { get; init; }
}

/// <summary>Asks for a run, wherever it lives: as a snapshot of its topic holds it, with <c>topic</c>.</summary>
public sealed record GetRun
{
    /// <summary>Which.</summary>
    public required string RunId { get; init; }
}

/// <summary>Asks for the agents that the caller may see.</summary>
public sealed record ListAgents : ListRequest;

/// <summary>A page of a list; <paramref name="Next"/> is null on the last one.</summary>
public sealed record ListPage(IReadOnlyList<JsonElement> Items, string? Next = null);

/// <summary>Who the caller is, and what it may.</summary>
public sealed record CallerView(
    string Tenant,
    Subject Subject,
    IReadOnlyList<string> Scopes,
    IReadOnlyList<string> Roles,
    IReadOnlyList<string> AgentIds,
    DateTimeOffset ExpiresAt);
