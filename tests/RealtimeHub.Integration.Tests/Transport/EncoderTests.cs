using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Integration.Tests.Transport;

public sealed class EncoderTests
{
    private const string Data = """
        { "text":"Grüße, 世界 🎉 \"\\\n\u0041","ints":[0,-1,127,128,-32769,2147483648,9007199254740991,-9007199254740991,18446744073709551615],
          "doubles":[0.5,-1.25e-3,1e20,3.141592653589793],"decimals":[0.1,19.99],"none":null,"flags":[true,false],
          "empty":{"list":[],"map":{},"text":""},"nested":[[{"a":[{"b":[]}]}]],"time":"2026-11-22T13:00:00.123Z" }
        """;

    private static readonly Topic Topic = Topic.Conversation("c-1");

    private static readonly TopicKey Key = new("acme", Topic);

    private static readonly Cursor Cursor = Cursor.At(7, Key, 42, default);

    public static TheoryData<string> Protocols => ["json", "messagepack"];

    [Theory]
    [MemberData(nameof(Protocols))]
    public void EncodeEvents_ReadByStockProtocol_IsTheSameContent(string name)
    {
        var stock = StockProtocol.Named(name);
        var events = new[] { Event(41, Data), Event(42, "{}"), Event(9007199254740991, "[]") };

        var frame = stock.Encoder.EncodeEvents(Topic, Cursor, [.. events.Select(stock.Encoder.EncodeEvent)]);

        var (target, argument) = stock.Parse(frame);
        target.Should().Be("Events");
        Trees.ShouldEqual(argument, new JsonObject
        {
            ["topic"] = "conversation:c-1",
            ["cursor"] = Cursor.ToString(),
            ["events"] = new JsonArray([.. events.Select(Wire)]),
        });
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public void EncodeEvents_OfNone_IsAnEmptyList(string name)
    {
        var stock = StockProtocol.Named(name);

        var (_, argument) = stock.Parse(stock.Encoder.EncodeEvents(Topic, Cursor, []));

        argument!["events"]!.AsArray().Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public void EncodeEvents_OfEverySizeAroundAPrefix_IsReadWhole(string name)
    {
        var stock = StockProtocol.Named(name);
        foreach (var length in new[] { 1, 20, 40, 100, 15_900, 16_100, 16_300, 2_097_000, 2_097_300 })
        {
            var e = Event(1, JsonSerializer.Serialize(new string('x', length)));

            var (_, argument) = stock.Parse(stock.Encoder.EncodeEvents(Topic, Cursor, [stock.Encoder.EncodeEvent(e)]));

            argument!["events"]![0]!["data"]!.GetValue<string>().Should().HaveLength(length);
        }
    }

    [Fact]
    public void EncodeEvents_InJson_KeepsEveryByteOfTheEvent()
    {
        var encoder = StockProtocol.Named("json").Encoder;
        var e = Event(42, Data);

        var frame = Encoding.UTF8.GetString(encoder.EncodeEvents(Topic, Cursor, [encoder.EncodeEvent(e), encoder.EncodeEvent(e)]).Span);

        var wire = "{\"seq\":42," + Encoding.UTF8.GetString(e.Body.Span[1..]);
        wire.Should().Contain(Data);
        frame.Should().Be(
            $$"""{"type":1,"target":"Events","arguments":[{"topic":"conversation:c-1","cursor":"{{Cursor}}","events":[{{wire}},{{wire}}]}]}"""
            + "\u001e");
    }

    [Theory]
    [InlineData("json", null)]
    [InlineData("json", "mine \"Ω\"")]
    [InlineData("messagepack", null)]
    [InlineData("messagepack", "mine \"Ω\"")]
    public void EncodeSnapshot_ReadByStockProtocol_IsTheSameContent(string name, string? reference)
    {
        var stock = StockProtocol.Named(name);

        var (target, argument) = stock.Parse(stock.Encoder.EncodeSnapshot(Topic, reference, Encoding.UTF8.GetBytes(Data), Cursor));

        var expected = new JsonObject { ["topic"] = "conversation:c-1", ["state"] = JsonNode.Parse(Data), ["cursor"] = Cursor.ToString() };
        if (reference is not null)
        {
            expected["ref"] = reference;
        }

        target.Should().Be("Snapshot");
        Trees.ShouldEqual(argument, expected);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public void EncodeSubscriptionChanged_LikeTheStockProtocol_ByteForByte(string name)
    {
        var stock = StockProtocol.Named(name);

        var frame = stock.Encoder.EncodeSubscriptionChanged(new("agent:a", SubscriptionStatus.Revoked, "r", "left"));
        var bare = stock.Encoder.EncodeSubscriptionChanged(new("agent:a", SubscriptionStatus.Live));

        frame.ToArray().Should().Equal(stock.Write(
            "SubscriptionChanged", JsonNode.Parse("""{"topic":"agent:a","status":"revoked","ref":"r","reason":"left"}""")).ToArray());
        bare.ToArray().Should().Equal(
            stock.Write("SubscriptionChanged", JsonNode.Parse("""{"topic":"agent:a","status":"live"}""")).ToArray());
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public void EncodeClosing_ReadByStockProtocol_IsTheSameContent(string name)
    {
        var stock = StockProtocol.Named(name);

        var (target, argument) = stock.Parse(
            stock.Encoder.EncodeClosing(new(ClosingCode.SlowConsumer, "took nothing", Reconnect: true, AfterMs: 1500)));

        target.Should().Be("Closing");
        Trees.ShouldEqual(
            argument, JsonNode.Parse("""{"code":"slow_consumer","reason":"took nothing","reconnect":true,"afterMs":1500}"""));
    }

    [Fact]
    public void EncodeEvent_WithHalfASurrogatePair_StillHasMessagePack()
    {
        var stock = StockProtocol.Named("messagepack");
        var e = Event(1, """{"text":"\ud83d"}""");

        var (_, argument) = stock.Parse(stock.Encoder.EncodeEvents(Topic, Cursor, [stock.Encoder.EncodeEvent(e)]));

        argument!["events"]![0]!["data"]!["text"]!.GetValue<string>().Should().Be("\\ud83d");
    }

    private static StoredEvent Event(long sequence, string data)
    {
        var body = EventBody.Write(
            "e-1", "custom.note", new DateTimeOffset(2026, 11, 22, 13, 0, 0, 123, TimeSpan.Zero), Subject.Agent("writer"),
            Encoding.UTF8.GetBytes(data), runId: "r-1", origin: new EventOrigin("agent:writer", 12));
        return StoredEvent.TryRead(Key, Lane.State, sequence, body, meta: null)!;
    }

    private static JsonNode Wire(StoredEvent e)
    {
        var node = JsonNode.Parse(e.Body.Span)!.AsObject();
        node.Insert(0, "seq", e.Sequence);
        return node;
    }
}
