using RealtimeHub.Contracts;
using RealtimeHub.Integration.Tests.Hubs;
using RealtimeHub.Specification;

namespace RealtimeHub.Integration.Tests.BadClients;

/// <summary>Clients that are there no more, and say nothing of it.</summary>
[Collection(BadClientsCollection.Name)]
public sealed class LostConnectionTests(BadClientsServer fixture)
{
    private const string Subscribe =
        $$$"""{"type":1,"target":"Subscribe","arguments":[{"subscriptions":[{"topic":"{{{Stage.Talk}}}","from":"earliest"}]}]}""";

    [Fact]
    public async Task HalfOpen_NeverPinged_IsEndedWhenItsWebSocketAnswersNoMore()
    {
        await using var crowd = await Crowd.GatherAsync(fixture.Server);
        var connecting = fixture.Watch.NextAsync();
        using var peer = await RawPeer.ConnectAsync(crowd.Mallory, HubPaths.Events);
        await peer.SendAsync(Subscribe);
        var connection = await connecting;

        // Its kernel acknowledges, its process does nothing: as behind a gateway that forgot the connection.
        await Deadline.Within(connection.Gone);

        connection.ToldSlow.IsCompleted.Should().BeFalse("what is sent to it goes out, for a while");
        await peer.ReadToEndAsync();
        peer.Messages().Should().Contain(m => (string?)m["target"] == "Events", "until then it was sent what it asked for");
        await crowd.NoticesNothingAsync();
    }

    [Fact]
    public async Task HalfOpen_PingedBefore_IsEndedWhenItPingsNoMore()
    {
        await using var crowd = await Crowd.GatherAsync(fixture.Server);
        var connecting = fixture.Watch.NextAsync();
        using var peer = await RawPeer.ConnectAsync(crowd.Mallory, HubPaths.Events);
        await peer.SendAsync(Subscribe);
        await peer.SendAsync("""{"type":6}""");
        var connection = await connecting;

        // Its WebSocket answers, its program does nothing.
        await peer.ReadToEndAsync();

        await Deadline.Within(connection.Gone);
        var last = peer.Messages()[^1];
        ((int?)last["type"], (bool?)last["allowReconnect"]).Should().Be((7, true));
        await crowd.NoticesNothingAsync();
    }

    [Fact]
    public async Task SilentButThere_IsLetBe()
    {
        await using var crowd = await Crowd.GatherAsync(fixture.Server);
        var connecting = fixture.Watch.NextAsync();
        using var peer = await RawPeer.ConnectAsync(crowd.Mallory, HubPaths.Events);
        await peer.SendAsync(Subscribe);
        var connection = await connecting;

        // Longer than one that is not there would be waited for. It never pings, but it reads, and its WebSocket answers.
        await peer.ReadForAsync(3 * (BadClientsServer.QuietBeforePing + BadClientsServer.LongestPong) / 2);

        connection.Gone.IsCompleted.Should().BeFalse();
        await crowd.NoticesNothingAsync();
    }

    [Fact]
    public async Task HalfOpen_BeforeTheHandshake_IsEndedAfterTheHandshakeTimeout()
    {
        await using var crowd = await Crowd.GatherAsync(fixture.Server);
        using var peer = await RawPeer.UpgradeAsync(crowd.Mallory, HubPaths.Events);

        await peer.ReadToEndAsync();

        await crowd.NoticesNothingAsync();
    }

    [Fact]
    public async Task DiesInMidFrame_NothingIsLeftOfIt()
    {
        await using var crowd = await Crowd.GatherAsync(fixture.Server);
        byte[] open = [.. RawPeer.Frame("""{"protocol":"json","version":1}"""), .. RawPeer.Frame(Subscribe)];
        byte[] call = RawPeer.Frame($$"""{"type":1,"target":"Unsubscribe","arguments":[{"topics":["{{new string('x', 300)}}"]}]}""");
        byte[][] lastWords = [[.. open, .. call[..1]], [.. open, .. call[..50]], [.. open, .. RawPeer.Frame(RawPeer.Text, call.AsSpan(8, 50))]];

        // More often than a user may have connections: had they left anything behind, the last ones would not get in.
        for (var i = 0; i < 24; i++)
        {
            var connecting = fixture.Watch.NextAsync();
            using var peer = await RawPeer.UpgradeAsync(crowd.Mallory, HubPaths.Operator);
            await peer.SendBytesAsync(lastWords[i % lastWords.Length]);
            (await peer.ReadUntilAsync("\"Events\""u8.ToArray())).Should().BeTrue();
            End(peer, i);
            await Deadline.Within((await connecting).Gone);
        }

        await using var client = await crowd.Mallory.ConnectAsync(HubPaths.Events);
        await client.SubscribeAsync(Stage.Talk);
        await crowd.NoticesNothingAsync();
    }

    [Fact]
    public async Task DiesBeforeItIsOpen_NothingIsLeftOfIt()
    {
        await using var crowd = await Crowd.GatherAsync(fixture.Server);
        for (var i = 0; i < 24; i++)
        {
            using var dialled = await RawPeer.DialAsync(crowd.Mallory.Address);
            await dialled.SendBytesAsync("GET /hubs/operator HTTP/1.1\r\nHo"u8.ToArray());
            using var upgraded = await RawPeer.UpgradeAsync(crowd.Mallory, HubPaths.Operator);
            await upgraded.SendBytesAsync(RawPeer.Frame("""{"protocol":"json","version":1}""").AsMemory(0, 10));
            End(dialled, i);
            End(upgraded, i);
        }

        await using var client = await ConnectionLimitTests.ConnectAtLastAsync(crowd.Mallory);
        await client.SubscribeAsync(Stage.Talk);
        await crowd.NoticesNothingAsync();
    }

    /// <summary>Every other is killed; the others end in order, but in the middle of a word.</summary>
    private static void End(RawPeer peer, int number)
    {
        if (number % 2 == 0)
        {
            peer.Die();
        }
        else
        {
            peer.Leave();
        }
    }
}
