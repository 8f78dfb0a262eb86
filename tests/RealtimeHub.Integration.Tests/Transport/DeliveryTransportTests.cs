using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.SignalR.Client;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Delivery;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Integration.Tests.Transport;

/// <summary>Between the delivery engine's port and stock clients, over real connections.</summary>
public sealed class DeliveryTransportTests
{
    private static readonly TopicKey Key = new("acme", Topic.Conversation("c-1"));

    [Theory]
    [InlineData("json")]
    [InlineData("messagepack")]
    public async Task Connection_FromOpenToGone_IsReported(string protocol)
    {
        await using var server = await TransportServer.StartAsync();
        var client = await TransportClient.ConnectAsync(server, protocol);

        var writer = await server.Connections.NextConnectedAsync();
        writer.ConnectionId.Should().Be(client.Connection.ConnectionId);
        writer.Encoder.Protocol.Should().Be(protocol);

        await client.DisposeAsync();
        (await server.Connections.NextDisconnectedAsync()).Should().Be(writer.ConnectionId);
        await Deadline.For(writer.WriteAsync(Frame(writer, 1)).AsTask());
        writer.End(allowReconnect: true);
        writer.End(allowReconnect: false);
    }

    [Theory]
    [InlineData("json")]
    [InlineData("messagepack")]
    public async Task WriteAsync_OfFrames_ReachesTheClientInOrder(string protocol)
    {
        await using var server = await TransportServer.StartAsync();
        await using var client = await TransportClient.ConnectAsync(server, protocol);
        var writer = await server.Connections.NextConnectedAsync();

        for (var sequence = 1; sequence <= 100; sequence++)
        {
            await writer.WriteAsync(Frame(writer, sequence));
        }

        for (var sequence = 1; sequence <= 100; sequence++)
        {
            var message = await client.NextEventsAsync();
            message!["topic"]!.GetValue<string>().Should().Be("conversation:c-1");
            message["events"]![0]!["seq"]!.GetValue<long>().Should().Be(sequence);
            Trees.ShouldEqual(message["events"]![0]!["data"], JsonNode.Parse("""{"text":"Grüße 🎉","list":[]}"""));
        }
    }

    [Fact]
    public async Task WriteAsync_OfALargeFrame_IsOneWebSocketFrame()
    {
        await using var server = await TransportServer.StartAsync();
        using var peer = await RawPeer.ConnectAsync(server.Hub);
        var writer = await server.Connections.NextConnectedAsync();
        await peer.NextFrameAsync(); // the answer to the handshake
        var frame = Large(writer);

        await writer.WriteAsync(frame);
        var (isLast, payload) = await peer.NextFrameAsync();

        isLast.Should().BeTrue();
        payload.Should().Equal(frame.Bytes.ToArray());
    }

    [Theory]
    [InlineData("json")]
    [InlineData("messagepack")]
    public async Task EverythingElse_ReachesTheInnerManager(string protocol)
    {
        await using var server = await TransportServer.StartAsync();
        await using var client = await TransportClient.ConnectAsync(server, protocol);

        (await client.InvokeAsync("Ask"))!.GetValue<string>().Should().Be("answered");
        await client.InvokeAsync("Shout", "to the group");
        (await client.NextEventsAsync())!.GetValue<string>().Should().Be("to the group");
    }

    [Theory]
    [InlineData("json")]
    [InlineData("messagepack")]
    public async Task End_AllowingReconnect_LetsTheClientComeBack(string protocol)
    {
        await using var server = await TransportServer.StartAsync();
        await using var client = await TransportClient.ConnectAsync(server, protocol);
        var first = await server.Connections.NextConnectedAsync();

        first.End(allowReconnect: true);

        (await server.Connections.NextDisconnectedAsync()).Should().Be(first.ConnectionId);
        var second = await server.Connections.NextConnectedAsync();
        await client.Reconnected;
        second.ConnectionId.Should().NotBe(first.ConnectionId).And.Be(client.Connection.ConnectionId);
        await second.WriteAsync(Frame(second, 7));
        (await client.NextEventsAsync())!["events"]![0]!["seq"]!.GetValue<long>().Should().Be(7);
    }

    [Theory]
    [InlineData("json")]
    [InlineData("messagepack")]
    public async Task End_ForbiddingReconnect_EndsTheClientForGood(string protocol)
    {
        await using var server = await TransportServer.StartAsync();
        await using var client = await TransportClient.ConnectAsync(server, protocol);
        var writer = await server.Connections.NextConnectedAsync();
        await writer.WriteAsync(Frame(writer, 7));

        writer.End(allowReconnect: false);

        (await server.Connections.NextDisconnectedAsync()).Should().Be(writer.ConnectionId);
        await client.Closed;
        client.WasReconnecting.Should().BeFalse();
        client.Connection.State.Should().Be(HubConnectionState.Disconnected);
        (await client.NextEventsAsync())!["events"]![0]!["seq"]!.GetValue<long>().Should().Be(7, "what was written before still arrives");
    }

    [Theory]
    [InlineData("json")]
    [InlineData("messagepack")]
    public async Task TransportAbort_LooksLikeALostNetwork_AndTheClientComesBack(string protocol)
    {
        await using var server = await TransportServer.StartAsync();
        await using var client = await TransportClient.ConnectAsync(server, protocol);
        var first = await server.Connections.NextConnectedAsync();

        await client.Connection.SendAsync("Reset", TestContext.Current.CancellationToken);

        (await server.Connections.NextDisconnectedAsync()).Should().Be(first.ConnectionId);
        await client.Reconnected;
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task End_OfAPeerThatReadsNoMore_AbortsAfterTheGrace(bool allowReconnect)
    {
        await using var server = await TransportServer.StartAsync();
        using var peer = await RawPeer.ConnectAsync(server.Hub);
        var writer = await server.Connections.NextConnectedAsync();
        var writes = Enumerable.Range(0, 400).Select(_ => writer.WriteAsync(Large(writer)).AsTask()).ToArray();
        writes.Should().Contain(write => !write.IsCompleted, "the pipe is full");

        writer.End(allowReconnect);

        await Deadline.For(Task.WhenAll(writes));
        server.FirstRequestEnded.IsCompleted.Should().BeFalse("the socket has not taken what was written");
        server.Time.Advance(TimeSpan.FromSeconds(2));
        (await server.Connections.NextDisconnectedAsync()).Should().Be(writer.ConnectionId);
        await Deadline.For(server.FirstRequestEnded);
    }

    private static Frame Frame(IConnectionWriter writer, long sequence) =>
        Frame(writer, sequence, """{"text":"Grüße 🎉","list":[]}""");

    private static Frame Large(IConnectionWriter writer) => Frame(writer, 1, $"\"{new string('x', 60_000)}\"");

    private static Frame Frame(IConnectionWriter writer, long sequence, string data)
    {
        var body = EventBody.Write(
            "e-1", "custom.note", new DateTimeOffset(2026, 11, 22, 13, 0, 0, TimeSpan.Zero), Subject.Agent("writer"), Encoding.UTF8.GetBytes(data));
        var e = StoredEvent.TryRead(Key, Lane.State, sequence, body, meta: null)!;
        return new Frame(writer.Encoder.EncodeEvents(Key.Topic, Cursor.At(1, Key, sequence, default), [writer.Encoder.EncodeEvent(e)]));
    }
}
