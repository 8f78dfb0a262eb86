using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using MessagePack;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Delivery;
using RealtimeHub.Core.Log;
using RealtimeHub.Server.Hubs.Protocols;

namespace RealtimeHub.Server.Delivery;

/// <summary>Frames of the MessagePack hub protocol: a length, then <c>[1, {}, nil, target, [argument], []]</c>.</summary>
internal sealed class MessagePackMessageEncoder : IMessageEncoder
{
    /// <summary>Seven bits a byte, so a length of 32 bits takes at most five.</summary>
    private const int LongestPrefix = 5;

    public string Protocol => HubProtocolsRegistration.MessagePack;

    public ReadOnlyMemory<byte> EncodeEvent(StoredEvent e)
    {
        var json = new ArrayBufferWriter<byte>(e.Body.Length + 32);
        EventBody.WriteWire(json, e);
        var buffer = new ArrayBufferWriter<byte>(json.WrittenCount);
        var writer = new MessagePackWriter(buffer);
        JsonToMessagePack.Transcode(json.WrittenMemory, ref writer);
        writer.Flush();
        return buffer.WrittenMemory;
    }

    public ReadOnlyMemory<byte> EncodeEvents(Topic topic, Cursor cursor, IReadOnlyList<ReadOnlyMemory<byte>> events)
    {
        var size = 0;
        for (var i = 0; i < events.Count; i++)
        {
            size += events[i].Length;
        }

        var frame = Begin(nameof(IEventsClient.Events), size, out var writer);
        writer.WriteMapHeader(3);
        writer.Write("topic");
        writer.Write(topic.ToString());
        writer.Write("cursor");
        writer.Write(cursor.ToString());
        writer.Write("events");
        writer.WriteArrayHeader(events.Count);
        for (var i = 0; i < events.Count; i++)
        {
            writer.WriteRaw(events[i].Span);
        }

        return End(frame, ref writer);
    }

    public ReadOnlyMemory<byte> EncodeSnapshot(Topic topic, string? reference, ReadOnlyMemory<byte> state, Cursor cursor)
    {
        var frame = Begin(nameof(IEventsClient.Snapshot), state.Length, out var writer);
        writer.WriteMapHeader(reference is null ? 3 : 4);
        writer.Write("topic");
        writer.Write(topic.ToString());
        if (reference is not null)
        {
            writer.Write("ref");
            writer.Write(reference);
        }

        writer.Write("state");
        JsonToMessagePack.Transcode(state, ref writer);
        writer.Write("cursor");
        writer.Write(cursor.ToString());
        return End(frame, ref writer);
    }

    public ReadOnlyMemory<byte> EncodeSubscriptionChanged(SubscriptionChangedMessage message) =>
        Encode(nameof(IEventsClient.SubscriptionChanged), message, ContractsJson.WireType<SubscriptionChangedMessage>());

    public ReadOnlyMemory<byte> EncodeClosing(ClosingMessage message) =>
        Encode(nameof(IEventsClient.Closing), message, ContractsJson.WireType<ClosingMessage>());

    private static ReadOnlyMemory<byte> Encode<T>(string target, T argument, JsonTypeInfo<T> type)
    {
        var frame = Begin(target, 0, out var writer);
        JsonToMessagePack.Transcode(JsonSerializer.SerializeToUtf8Bytes(argument, type), ref writer);
        return End(frame, ref writer);
    }

    private static ArrayBufferWriter<byte> Begin(string target, int size, out MessagePackWriter writer)
    {
        var frame = new ArrayBufferWriter<byte>(size + 256);
        frame.Advance(LongestPrefix);
        writer = new MessagePackWriter(frame);
        writer.WriteArrayHeader(6);
        writer.Write(1);
        writer.WriteMapHeader(0);
        writer.WriteNil();
        writer.Write(target);
        writer.WriteArrayHeader(1);
        return frame;
    }

    private static ReadOnlyMemory<byte> End(ArrayBufferWriter<byte> frame, ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(0);
        writer.Flush();
        return PrependLength(MemoryMarshal.AsMemory(frame.WrittenMemory));
    }

    /// <summary>Puts the length right before the message, and leaves out what was kept free for it in vain.</summary>
    private static ReadOnlyMemory<byte> PrependLength(Memory<byte> frame)
    {
        var length = (uint)(frame.Length - LongestPrefix);
        var digits = 1;
        for (var rest = length >> 7; rest > 0; rest >>= 7)
        {
            digits++;
        }

        var prefixed = frame[(LongestPrefix - digits)..];
        var prefix = prefixed.Span;
        for (var i = 0; i < digits; i++, length >>= 7)
        {
            prefix[i] = (byte)(length & 0x7f | (i < digits - 1 ? 0x80u : 0));
        }

        return prefixed;
    }
}
