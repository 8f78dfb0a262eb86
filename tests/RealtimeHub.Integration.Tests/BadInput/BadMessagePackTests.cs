using System.Net.WebSockets;
using System.Text;
using RealtimeHub.Contracts;
using RealtimeHub.Integration.Tests.Server;

namespace RealtimeHub.Integration.Tests.BadInput;

/// <summary>Well-formed MessagePack that means nothing in the wire's JSON: refused like any bad body, and the connection goes on.</summary>
public sealed class BadMessagePackTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    private const byte Ping = 6;
    private const byte Completion = 3;

    /// <summary>What stands where a string, or a whole number, is expected.</summary>
    public static TheoryData<string, string, byte[]> Values() => new()
    {
        { "bin", "text", [0xc4, 0x01, (byte)'a'] },
        { "an extension", "text", [0xd4, 0x05, 0x00] },
        { "a time", "text", [0xd6, 0xff, 0x00, 0x00, 0x00, 0x01] },
        { "bytes that are no UTF-8", "text", [0xa2, 0xff, 0xfe] },
        { "half a surrogate pair", "text", [0xa3, 0xed, 0xa0, 0xbd] },
        { "a float", "text", [0xcb, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0] },
        { "a map whose key is a number", "text", [0x81, 0x01, 0x01] },
        { "a float", "timeoutSeconds", [0xcb, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0] },
        { "a float of 32 bits", "timeoutSeconds", [0xca, 0x3f, 0xc0, 0, 0] },
        { "not a number", "timeoutSeconds", [0xcb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0] },
        { "infinity", "timeoutSeconds", [0xca, 0x7f, 0x80, 0, 0] },
        { "the largest integer", "timeoutSeconds", [0xcf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff] },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public async Task Call_ValueThatIsNoneOfItsMember_IsInvalidAndTheConnectionGoesOn(string what, string member, byte[] value)
    {
        await using var bystander = await Bystander.StandByAsync(server);
        await using var socket = await RawSocket.OpenAsync(bystander.Owner, HubPaths.Operator);
        await socket.SendAsync("""{"protocol":"messagepack","version":1}""" + "\u001e");
        (await socket.ReadAsync()).Should().Be("{}");

        var refused = member == "text"
            ? await CallAsync(socket, "SendMessage", [0x82, .. Text("conversationId"), .. Text("talk"), .. Text("text"), .. value])
            : await CallAsync(socket, "StartRun", [0x83, .. Text("agentId"), .. Text("writer"), .. Text("input"), 0x01, .. Text("timeoutSeconds"), .. value]);

        refused.Should().Contain("invalid_request", because: what).And.Contain(member);
        (await CallAsync(socket, "Unsubscribe", [0x81, .. Text("topics"), 0x90])).Should().NotContain("error");
        await bystander.NoticesNothingAsync();
    }

    /// <summary>Calls a method with one argument; answers the bytes of the completion, of which only the strings are looked at.</summary>
    private static async Task<string> CallAsync(RawSocket socket, string method, byte[] argument)
    {
        // [type, headers, invocation id, target, arguments, streams]
        byte[] message = [0x96, 0x01, 0x80, .. Text("1"), .. Text(method), 0x91, .. argument, 0x90];
        message.Length.Should().BeLessThan(128, "then its length is one byte");
        await socket.SendAsync([(byte)message.Length, .. message], WebSocketMessageType.Binary);
        while (true)
        {
            var bytes = await socket.ReadBytesAsync();
            var start = Array.FindIndex(bytes, b => (b & 0x80) == 0) + 1; // after the length
            if (bytes[start + 1] != Ping)
            {
                bytes[start + 1].Should().Be(Completion);
                return Encoding.Latin1.GetString(bytes);
            }
        }
    }

    private static byte[] Text(string text) => [(byte)(0xa0 | text.Length), .. Encoding.ASCII.GetBytes(text)];
}
