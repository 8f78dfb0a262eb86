using System.Text.Json;
using RealtimeHub.Contracts;

namespace RealtimeHub.Core.Log;

/// <summary>An event in the log. Immutable; <see cref="Body"/> and <see cref="Data"/> are the bytes that were stored.</summary>
public sealed class StoredEvent
{
    private readonly EventEnvelope envelope;

    private StoredEvent(TopicKey topic, Lane lane, long sequence, ReadOnlyMemory<byte> body, EventMeta? meta, EventEnvelope envelope)
    {
        Topic = topic;
        Lane = lane;
        Sequence = sequence;
        Body = body;
        Meta = meta;
        this.envelope = envelope;
    }

    /// <summary>Whose, and where.</summary>
    public TopicKey Topic { get; }

    /// <summary>Its lane.</summary>
    public Lane Lane { get; }

    /// <summary>The log's sequence.</summary>
    public long Sequence { get; }

    /// <summary>The whole event but for its sequence: a JSON object in UTF-8 that begins with <c>{"id":</c>.</summary>
    public ReadOnlyMemory<byte> Body { get; }

    /// <summary>What clients never see.</summary>
    public EventMeta? Meta { get; }

    /// <summary>Unique in its topic.</summary>
    public string Id => envelope.Id;

    /// <summary>Its type.</summary>
    public string Type => envelope.Type;

    /// <summary>When it happened.</summary>
    public DateTimeOffset Time => envelope.Time;

    /// <summary>Who did it.</summary>
    public Subject Actor => envelope.Actor;

    /// <summary>The run that it belongs to.</summary>
    public string? RunId => envelope.RunId;

    /// <summary>W3C trace context of what caused it.</summary>
    public string? Traceparent => envelope.Traceparent;

    /// <summary>Set on a copy: where the event lives.</summary>
    public EventOrigin? Origin => envelope.Origin;

    /// <summary>The raw JSON of its data.</summary>
    public ReadOnlyMemory<byte> Data => Body.Slice(envelope.DataStart, envelope.DataLength);

    /// <summary>The data as the record of its type, which was checked when it was stored.</summary>
    public T Read<T>() => JsonSerializer.Deserialize(Data.Span, ContractsJson.WireType<T>())!;

    /// <summary>Reads what a log stored; null when <paramref name="body"/> is no event or does not fit its lane.</summary>
    public static StoredEvent? TryRead(TopicKey topic, Lane lane, long sequence, ReadOnlyMemory<byte> body, EventMeta? meta) =>
        EventEnvelope.TryParse(body.Span) is { } envelope && EventTypes.LaneOf(envelope.Type) == lane
            ? new StoredEvent(topic, lane, sequence, body, meta, envelope)
            : null;
}
