using BenchmarkDotNet.Attributes;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Delivery;
using RealtimeHub.Core.Log;
using RealtimeHub.Server.Delivery;

namespace RealtimeHub.Benchmarks.Micro;

/// <summary>One event, as every subscription of a protocol shares it.</summary>
public class EncodeEvent
{
    private readonly JsonMessageEncoder json = new();
    private readonly MessagePackMessageEncoder messagePack = new();
    private readonly StoredEvent stored = MicroEvents.Stored(1);

    [Benchmark]
    public ReadOnlyMemory<byte> Json() => json.EncodeEvent(stored);

    [Benchmark]
    public ReadOnlyMemory<byte> MessagePack() => messagePack.EncodeEvent(stored);
}

/// <summary>One frame of events that are encoded already.</summary>
public class EncodeBatch
{
    private readonly JsonMessageEncoder json = new();
    private readonly MessagePackMessageEncoder messagePack = new();
    private readonly Cursor cursor = Cursor.At(1, MicroEvents.Topic, 1_000_000, new StateMark(1_000_000, 1));
    private ReadOnlyMemory<byte>[] inJson = [];
    private ReadOnlyMemory<byte>[] inMessagePack = [];

    /// <summary>How many events.</summary>
    [Params(1, 16, 256)]
    public int Events { get; set; }

    [GlobalSetup]
    public void Prepare() => (inJson, inMessagePack) = (Encoded(json), Encoded(messagePack));

    [Benchmark]
    public ReadOnlyMemory<byte> Json() => json.EncodeEvents(MicroEvents.Topic.Topic, cursor, inJson);

    [Benchmark]
    public ReadOnlyMemory<byte> MessagePack() => messagePack.EncodeEvents(MicroEvents.Topic.Topic, cursor, inMessagePack);

    private ReadOnlyMemory<byte>[] Encoded(IMessageEncoder encoder) =>
        [.. Enumerable.Range(1, Events).Select(i => encoder.EncodeEvent(MicroEvents.Stored(i)))];
}

/// <summary>Events for the microbenchmarks.</summary>
internal static class MicroEvents
{
    public static TopicKey Topic { get; } = new("bench", Contracts.Topic.Conversation("micro"));

    public static StoredEvent Stored(long sequence) =>
        StoredEvent.TryRead(Topic, Lane.State, 1_000_000 + sequence, BenchEvent.New(0).Body, meta: null)!;
}
