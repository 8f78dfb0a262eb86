using System.Buffers;
using System.Text.Json;
using RealtimeHub.Contracts;

namespace RealtimeHub.Core.Log;

/// <summary>Writes the body of an event: what clients see, but for the sequence.</summary>
public static class EventBody
{
    private static readonly JsonWriterOptions Options = new() { Encoder = ContractsJson.Wire.Encoder, SkipValidation = true };

    /// <summary>The body, beginning with <c>{"id":</c>; <paramref name="data"/> goes in byte for byte.</summary>
    public static ReadOnlyMemory<byte> Write(
        string id, string type, DateTimeOffset time, Subject actor, ReadOnlySpan<byte> data,
        string? runId = null, string? traceparent = null, EventOrigin? origin = null)
    {
        var buffer = new ArrayBufferWriter<byte>(data.Length + 192);
        using var writer = new Utf8JsonWriter(buffer, Options);
        writer.WriteStartObject();
        writer.WriteString("id"u8, id);
        writer.WriteString("type"u8, type);
        writer.WritePropertyName("time"u8);
        JsonSerializer.Serialize(writer, time, ContractsJson.WireType<DateTimeOffset>());
        writer.WritePropertyName("actor"u8);
        JsonSerializer.Serialize(writer, actor, ContractsJson.WireType<Subject>());
        WriteOptional(writer, "runId"u8, runId);
        WriteOptional(writer, "traceparent"u8, traceparent);
        if (origin is not null)
        {
            writer.WritePropertyName("origin"u8);
            JsonSerializer.Serialize(writer, origin, ContractsJson.WireType<EventOrigin>());
        }

        writer.WritePropertyName("data"u8);
        writer.WriteRawValue(data, skipInputValidation: true);
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenMemory;
    }

    /// <summary>A complete event for clients: the body with its sequence in front.</summary>
    public static void WriteWire(IBufferWriter<byte> output, StoredEvent e)
    {
        var body = e.Body.Span;
        var span = output.GetSpan(body.Length + 32);
        "{\"seq\":"u8.CopyTo(span);
        System.Buffers.Text.Utf8Formatter.TryFormat(e.Sequence, span[7..], out var digits);
        span[7 + digits] = (byte)',';
        body[1..].CopyTo(span[(8 + digits)..]);
        output.Advance(7 + digits + body.Length);
    }

    private static void WriteOptional(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
        {
            writer.WriteString(name, value);
        }
    }
}
