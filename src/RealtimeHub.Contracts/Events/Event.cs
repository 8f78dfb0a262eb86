using System.Text.Json;

namespace RealtimeHub.Contracts;

/// <summary>An event as clients see it.</summary>
public sealed record Event
{
    /// <summary>Strictly increasing inside a topic, not contiguous; fits in 53 bits.</summary>
    public required long Seq { get; init; }

    /// <summary>Unique in its topic.</summary>
    public required string Id { get; init; }

    /// <summary>One of <see cref="EventTypes"/>, or <c>custom.*</c>.</summary>
    public required string Type { get; init; }

    /// <summary>When it happened.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Who did it.</summary>
    public required Subject Actor { get; init; }

    /// <summary>The run that it belongs to.</summary>
    public string? RunId { get; init; }

    /// <summary>W3C trace context of what caused it.</summary>
    public string? Traceparent { get; init; }

    /// <summary>Set on a copy: where the event lives.</summary>
    public EventOrigin? Origin { get; init; }

    /// <summary>What the type says it holds; raw JSON from end to end.</summary>
    public required JsonElement Data { get; init; }
}

/// <summary>Where a copied event lives.</summary>
public sealed record EventOrigin(string Topic, long Seq);

/// <summary>An event as a publisher sends it.</summary>
public sealed record PublishedEvent
{
    /// <summary>The publisher's own id; sending it again is acknowledged and stored once. Made by the server when absent.</summary>
    public string? Id { get; init; }

    /// <summary>One of <see cref="EventTypes"/>, or <c>custom.*</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The run that it belongs to.</summary>
    public string? RunId { get; init; }

    /// <summary>When it happened, at most 10 minutes from the server's time; the server's time when absent.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>W3C trace context of what caused it.</summary>
    public string? Traceparent { get; init; }

    /// <summary>What the type says it holds.</summary>
    public required JsonElement Data { get; init; }
}
