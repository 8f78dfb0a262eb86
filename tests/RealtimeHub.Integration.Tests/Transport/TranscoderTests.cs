using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck.Xunit;
using MessagePack;
using MessagePack.Resolvers;
using RealtimeHub.Contracts;
using RealtimeHub.Server.Hubs;
using RealtimeHub.Server.Hubs.Protocols;

namespace RealtimeHub.Integration.Tests.Transport;

public sealed class TranscoderTests
{
    private static readonly MessagePackSerializerOptions Stock =
        MessagePackSerializerOptions.Standard.WithResolver(ContractlessStandardResolver.Instance);

    private static readonly MessagePackSerializerOptions Ours =
        MessagePackSerializerOptions.Standard.WithResolver(JsonFormatterResolver.Instance);

    [Property(Arbitrary = [typeof(JsonTrees)], MaxTest = 500, Replay = "20261122,20261123")]
    public void JsonToMessagePack_AndBack_IsTheSameTree(JsonNode tree)
    {
        var packed = Pack(tree.ToJsonString());

        Trees.ShouldEqual(Unpack(packed), JsonNode.Parse(tree.ToJsonString()));
        Trees.ShouldEqual(
            Trees.FromObject(MessagePackSerializer.Deserialize<object>(packed, Stock, TestContext.Current.CancellationToken)),
            JsonNode.Parse(tree.ToJsonString()));
    }

    [Theory]
    [InlineData("1", MessagePackCode.MinFixInt + 1)]
    [InlineData("-1", MessagePackCode.MaxNegativeFixInt)]
    [InlineData("4294967295", MessagePackCode.UInt32)]
    [InlineData("9007199254740991", MessagePackCode.UInt64)]
    [InlineData("18446744073709551615", MessagePackCode.UInt64)]
    [InlineData("18446744073709551616", MessagePackCode.Float64)]
    [InlineData("1.5", MessagePackCode.Float64)]
    [InlineData("1e3", MessagePackCode.Float64)]
    [InlineData("\"2026-11-22T13:00:00.123Z\"", MessagePackCode.MinFixStr + 24)]
    public void JsonToMessagePack_Value_HasTheCode(string json, byte code) => Pack(json)[0].Should().Be(code);

    [Fact]
    public void JsonToMessagePack_OfSixtyFourLevels_IsTheLimit()
    {
        Pack(Trees.Nested(64).ToJsonString()).Should().NotBeEmpty();
        var deeper = () => Pack(Trees.Nested(65).ToJsonString());
        deeper.Should().Throw<JsonException>();
    }

    public static TheoryData<string, string, string> NotJsonValues => new()
    {
        { "81 A1 61 C4 01 00", "a", "must not be binary" },
        { "81 A1 61 92 01 D4 05 00", "a[1]", "must not be of an extension type" },
        { "D6 FF 00 00 00 00", "", "must not be of an extension type" },
        { "81 A1 61 81 A1 62 81 01 02", "a.b", "must have strings for names" },
        { "91 81 A1 61 CB 7F F8 00 00 00 00 00 00", "[0].a", "must be a finite number" },
        { "81 A1 61 CA 7F 80 00 00", "a", "must be a finite number" },
        { "81 A1 61 A3 ED A0 BD", "a", "must be valid text" },
    };

    [Theory]
    [MemberData(nameof(NotJsonValues))]
    public void MessagePackToJson_WhatJsonCannotSay_IsRefusedByPath(string hex, string path, string reason)
    {
        byte[] bytes = [.. Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)), 0x2A];
        var reader = new MessagePackReader(bytes);

        var problem = MessagePackBytes.ToJson(ref reader, out _);

        problem.Should().Be(new NotJson(path, reason));
        reader.ReadInt32().Should().Be(42, "the whole value was read");
        BindHex<GetHistory>(hex).Error!.Errors.Should().ContainKey(path.Length == 0 ? "$" : path).WhoseValue.Should().Equal(reason);
    }

    [Fact]
    public void MessagePackToJson_OfAMillionNestedLists_IsRefused()
    {
        var bytes = new byte[1_000_000];
        Array.Fill(bytes, (byte)0x91);
        bytes[^1] = MessagePackCode.Nil;
        var reader = new MessagePackReader(bytes);

        MessagePackBytes.ToJson(ref reader, out _)!.Reason.Should().Be("must not be nested deeper than 64 levels");

        reader.End.Should().BeTrue();
    }

    [Fact]
    public void BodyFormatter_WithAMemberTwice_NamesIt()
    {
        // { "topic": "x", "topic": "y" }
        var body = BindHex<GetHistory>("82 A5 74 6F 70 69 63 A1 78 A5 74 6F 70 69 63 A1 79");

        body.Error!.Errors.Should().ContainKey("topic");
    }

    [Fact]
    public void Formatter_OfPlainValues_ReadsWhatItWrote()
    {
        RoundTrip("text").Should().Be("text");
        RoundTrip<string?>(null).Should().BeNull();
        RoundTrip(-7).Should().Be(-7);
        RoundTrip(true).Should().BeTrue();
        RoundTrip<int?>(null).Should().BeNull();
    }

    private static T RoundTrip<T>(T value)
    {
        var cancellation = TestContext.Current.CancellationToken;
        return MessagePackSerializer.Deserialize<T>(MessagePackSerializer.Serialize(value, Ours, cancellation), Ours, cancellation);
    }

    private static Body<T> BindHex<T>(string hex)
        where T : class =>
        MessagePackSerializer.Deserialize<Body<T>>(
            Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)), Ours, TestContext.Current.CancellationToken);

    private static byte[] Pack(string json)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(buffer);
        JsonToMessagePack.Transcode(Encoding.UTF8.GetBytes(json), ref writer);
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static JsonNode? Unpack(byte[] packed)
    {
        var reader = new MessagePackReader(packed);
        MessagePackBytes.ToJson(ref reader, out var json).Should().BeNull();
        return JsonNode.Parse(json.Span);
    }
}
