using System.Buffers;
using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Delivery;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Tests.Delivery;

/// <summary>A hub protocol of plain JSON, <c>{"protocol":…,"target":…,"argument":…}</c>, that counts what it encodes.</summary>
internal sealed class TestEncoder(string protocol) : IMessageEncoder
{
    private readonly ConcurrentDictionary<long, int> events = [];
    private int frames;

    public string Protocol => protocol;

    /// <summary>How many <c>Events</c> messages were made.</summary>
    public int Frames => Volatile.Read(ref frames);

    /// <summary>How often the event of that sequence was encoded.</summary>
    public int EncodingsOf(long sequence) => events.GetValueOrDefault(sequence);

    public ReadOnlyMemory<byte> EncodeEvent(StoredEvent e)
    {
        events.AddOrUpdate(e.Sequence, 1, (_, count) => count + 1);
        var buffer = new ArrayBufferWriter<byte>();
        EventBody.WriteWire(buffer, e);
        return buffer.WrittenMemory;
    }

    public ReadOnlyMemory<byte> EncodeEvents(Topic topic, Cursor cursor, IReadOnlyList<ReadOnlyMemory<byte>> events)
    {
        Interlocked.Increment(ref frames);
        var all = string.Join(',', events.Select(e => Encoding.UTF8.GetString(e.Span)));
        return Frame("Events", $$"""{"topic":"{{topic}}","cursor":"{{cursor}}","events":[{{all}}]}""");
    }

    public ReadOnlyMemory<byte> EncodeSnapshot(Topic topic, string? reference, ReadOnlyMemory<byte> state, Cursor cursor) => Frame(
        "Snapshot",
        $$"""{"topic":"{{topic}}","ref":{{JsonSerializer.Serialize(reference)}},"state":{{Encoding.UTF8.GetString(state.Span)}},"cursor":"{{cursor}}"}""");

    public ReadOnlyMemory<byte> EncodeSubscriptionChanged(SubscriptionChangedMessage message) =>
        Frame("SubscriptionChanged", JsonSerializer.Serialize(message, ContractsJson.WireType<SubscriptionChangedMessage>()));

    public ReadOnlyMemory<byte> EncodeClosing(ClosingMessage message) =>
        Frame("Closing", JsonSerializer.Serialize(message, ContractsJson.WireType<ClosingMessage>()));

    /// <summary>Whether a frame is of the same protocol.</summary>
    public bool IsOwn(ReadOnlyMemory<byte> frame) => frame.Span.StartsWith(Encoding.UTF8.GetBytes($$"""{"protocol":"{{protocol}}","""));

    /// <summary>The message that a frame holds.</summary>
    public static object Decode(ReadOnlyMemory<byte> frame)
    {
        using var document = JsonDocument.Parse(frame);
        var argument = document.RootElement.GetProperty("argument").Clone();
        return document.RootElement.GetProperty("target").GetString() switch
        {
            "Events" => Read<EventsMessage>(argument),
            "Snapshot" => Read<SnapshotMessage>(argument),
            "SubscriptionChanged" => Read<SubscriptionChangedMessage>(argument),
            _ => Read<ClosingMessage>(argument),
        };
    }

    private static object Read<T>(JsonElement json) => JsonSerializer.Deserialize(json, ContractsJson.WireType<T>())!;

    private byte[] Frame(string target, string argument) =>
        Encoding.UTF8.GetBytes($$"""{"protocol":"{{protocol}}","target":"{{target}}","argument":{{argument}}}""");
}
