using System.Net.Sockets;
using System.Text;
using RealtimeHub.Contracts;
using RealtimeHub.Integration.Tests.Hubs;
using RealtimeHub.Integration.Tests.Server;
using RealtimeHub.Specification;

namespace RealtimeHub.Integration.Tests.BadClients;

/// <summary>Clients that send what no client sends.</summary>
[Collection(BadClientsCollection.Name)]
public sealed class GarbageTests(BadClientsServer fixture)
{
    private const int Attempts = 8; // beside one another; a user may have 20 connections

    /// <summary>Where in the conversation with a server the garbage comes.</summary>
    public enum Place
    {
        InsteadOfHttp,
        InsteadOfWebSocketFrames,
        InsteadOfTheHandshake,
        InsteadOfJson,
        InsteadOfMessagePack,
    }

    [Fact]
    public async Task SendsGarbage_EndsItsConnectionAlone()
    {
        await using var crowd = await Crowd.GatherAsync(fixture.Server);

        foreach (var place in Enum.GetValues<Place>())
        {
            // The server ends each: at once, or when what the garbage seems to promise does not come.
            await Task.WhenAll(Enumerable.Range(0, Attempts).Select(seed => SendAsync(crowd.Mallory, place, seed)));
        }

        await crowd.NoticesNothingAsync();
    }

    [Theory]
    [InlineData(HubProtocol.Json)]
    [InlineData(HubProtocol.MessagePack)]
    public async Task SendsAMessageTooLarge_EndsWithoutClosing(HubProtocol protocol)
    {
        await using var crowd = await Crowd.GatherAsync(fixture.Server);
        await using var client = await crowd.Mallory.ConnectAsync(HubPaths.Operator, protocol);
        await client.SubscribeAsync(Stage.Talk);

        var call = () => client.CallAsync("Unsubscribe", Json.Object($$"""{ "topics": ["{{new string('x', 131_072)}}"] }"""));

        await call.Should().ThrowAsync<Exception>();
        await Deadline.Within(client.Closed);
        client.Received.All.Should().NotContain(p => p.Method == "Closing");
        await crowd.NoticesNothingAsync();
    }

    [Fact]
    public async Task SendsAMessageWithoutAnEnd_EndsAtTheLimit()
    {
        await using var crowd = await Crowd.GatherAsync(fixture.Server);
        using var peer = await RawPeer.ConnectAsync(crowd.Mallory, HubPaths.Operator);
        var ended = peer.ReadToEndAsync();
        const int FarMore = 100_000; // than the kernel keeps for a server that does not come to reading
        var sent = 0;

        var chunk = RawPeer.Frame(RawPeer.Text, Encoding.ASCII.GetBytes(new string('x', 1000)));
        while (!ended.IsCompleted && sent < FarMore)
        {
            try
            {
                await peer.SendBytesAsync(chunk);
                sent++;
            }
            catch (SocketException)
            {
                break;
            }
        }

        await Deadline.Within(ended);
        sent.Should().BeGreaterThan(130).And.BeLessThan(FarMore);
        peer.Messages().Should().NotContain(m => (string?)m["target"] == "Closing");
        await crowd.NoticesNothingAsync();
    }

    private static async Task SendAsync(Person person, Place place, int seed)
    {
        var garbage = new byte[2_000];
        new Lcg(seed).Fill(garbage);
        using var peer = place == Place.InsteadOfHttp
            ? await RawPeer.DialAsync(person.Address)
            : await RawPeer.UpgradeAsync(person, HubPaths.Operator);
        byte[] bytes = place switch
        {
            Place.InsteadOfHttp or Place.InsteadOfWebSocketFrames => garbage,
            Place.InsteadOfTheHandshake => RawPeer.Frame(RawPeer.Binary, garbage),
            Place.InsteadOfJson => [.. RawPeer.Frame("""{"protocol":"json","version":1}"""), .. RawPeer.Frame(RawPeer.Text, [.. garbage, 0x1e])],
            _ => [.. RawPeer.Frame("""{"protocol":"messagepack","version":1}"""), .. RawPeer.Frame(RawPeer.Binary, garbage)],
        };

        try
        {
            await peer.SendBytesAsync(bytes);
        }
        catch (SocketException)
        {
            // It was ended before all of it was out.
        }

        await peer.ReadToEndAsync();
    }

    /// <summary>The same garbage in every run.</summary>
    private sealed class Lcg(int seed)
    {
        private uint state = (uint)seed + 1;

        public void Fill(Span<byte> bytes)
        {
            foreach (ref var b in bytes)
            {
                state = (state * 1_664_525) + 1_013_904_223;
                b = (byte)(state >> 24);
            }
        }
    }
}
