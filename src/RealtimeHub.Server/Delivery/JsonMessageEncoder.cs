using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Delivery;
using RealtimeHub.Core.Log;
using RealtimeHub.Server.Hubs.Protocols;

namespace RealtimeHub.Server.Delivery;

/// <summary>Frames of the JSON hub protocol: an invocation without an id, and the separator that ends each message.</summary>
internal sealed class JsonMessageEncoder : IMessageEncoder
{
    private const byte RecordSeparator = 0x1e;

    private static readonly JsonWriterOptions Options = new() { Encoder = ContractsJson.Wire.Encoder, SkipValidation = true };

    public string Protocol => HubProtocolsRegistration.Json;

    public ReadOnlyMemory<byte> EncodeEvent(StoredEvent e)
    {
        var buffer = new ArrayBufferWriter<byte>(e.Body.Length + 32);
        EventBody.WriteWire(buffer, e);
        return buffer.WrittenMemory;
    }

    /// <remarks>Put together by hand, in an array of its exact size: this runs for every batch. Topics and cursors hold nothing to escape.</remarks>
    public ReadOnlyMemory<byte> EncodeEvents(Topic topic, Cursor cursor, IReadOnlyList<ReadOnlyMemory<byte>> events)
    {
        var head = Encoding.UTF8.GetBytes(
            $$"""{"type":1,"target":"{{nameof(IEventsClient.Events)}}","arguments":[{"topic":"{{topic}}","cursor":"{{cursor}}","events":[""");
        var tail = "]}]}\u001e"u8;
        var size = head.Length + Math.Max(0, events.Count - 1) + tail.Length;
        for (var i = 0; i < events.Count; i++)
        {
            size += events[i].Length;
        }

        var frame = new byte[size];
        head.CopyTo(frame, 0);
        var at = head.Length;
        for (var i = 0; i < events.Count; i++)
        {
            if (i > 0)
            {
                frame[at++] = (byte)',';
            }

            events[i].Span.CopyTo(frame.AsSpan(at));
            at += events[i].Length;
        }

        tail.CopyTo(frame.AsSpan(at));
        return frame;
    }

    public ReadOnlyMemory<byte> EncodeSnapshot(Topic topic, string? reference, ReadOnlyMemory<byte> state, Cursor cursor)
    {
        var frame = Begin(nameof(IEventsClient.Snapshot), state.Length, out var writer);
        writer.WriteStartObject();
        writer.WriteString("topic"u8, topic.ToString());
        if (reference is not null)
        {
            writer.WriteString("ref"u8, reference);
        }

        writer.WritePropertyName("state"u8);
        writer.WriteRawValue(state.Span, skipInputValidation: true);
        writer.WriteString("cursor"u8, cursor.ToString());
        writer.WriteEndObject();
        return End(frame, writer);
    }

    public ReadOnlyMemory<byte> EncodeSubscriptionChanged(SubscriptionChangedMessage message) =>
        Encode(nameof(IEventsClient.SubscriptionChanged), message, ContractsJson.WireType<SubscriptionChangedMessage>());

    public ReadOnlyMemory<byte> EncodeClosing(ClosingMessage message) =>
        Encode(nameof(IEventsClient.Closing), message, ContractsJson.WireType<ClosingMessage>());

    private static ReadOnlyMemory<byte> Encode<T>(string target, T argument, JsonTypeInfo<T> type)
    {
        var frame = Begin(target, 0, out var writer);
        JsonSerializer.Serialize(writer, argument, type);
        return End(frame, writer);
    }

    private static ArrayBufferWriter<byte> Begin(string target, int size, out Utf8JsonWriter writer)
    {
        var frame = new ArrayBufferWriter<byte>(size + 512);
        writer = new Utf8JsonWriter(frame, Options);
        writer.WriteStartObject();
        writer.WriteNumber("type"u8, 1);
        writer.WriteString("target"u8, target);
        writer.WriteStartArray("arguments"u8);
        return frame;
    }

    private static ReadOnlyMemory<byte> End(ArrayBufferWriter<byte> frame, Utf8JsonWriter writer)
    {
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.Dispose();
        frame.Write([RecordSeparator]);
        return frame.WrittenMemory;
    }
}
