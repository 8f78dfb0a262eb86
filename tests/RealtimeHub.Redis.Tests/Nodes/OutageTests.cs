using RealtimeHub.Contracts;
using RealtimeHub.Integration.Tests.Server;
using static RealtimeHub.Redis.Tests.Nodes.TwoServers;

namespace RealtimeHub.Redis.Tests.Nodes;

/// <summary>Redis away at any time: connections and commands do not notice, presence is each node's own, and all is well again by itself.</summary>
public sealed class OutageTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Redis_AwayAndBack_IsNoticedByPresenceAlone(bool kills)
    {
        await using var servers = await StartAsync();
        await using var olga = await ConnectAsync(servers.One, "olga");
        await using var mia = await ConnectAsync(servers.Another, "mia");
        await olga.SubscribeAsync(Talk);
        await HearsAsync(olga, mia, "mia");

        if (kills)
        {
            await servers.Redis.KillAsync();
        }
        else
        {
            await servers.Redis.PauseAsync();
        }

        await BackplaneIsAsync(servers.One, "unavailable");
        await BackplaneIsAsync(servers.Another, "unavailable");
        await using var otto = await ConnectAsync(servers.One, "mia");
        await WorksAsync(servers.One, olga, otto);
        await mia.OkAsync("SetPresence", Says("away"));

        if (kills)
        {
            await servers.Redis.StartAgainAsync();
        }
        else
        {
            await servers.Redis.ContinueAsync();
        }

        await BackplaneIsAsync(servers.One, "ok");
        await BackplaneIsAsync(servers.Another, "ok");
        await otto.OkAsync("SetPresence", Says("offline"));
        await SeesAsync(olga, "mia", "away"); // what was said while Redis was away
        await HearsAsync(olga, mia, "mia");

        // SignalR's own manager says that its connection failed or could not be made, and is right.
        servers.One.Errors.Entries.Concat(servers.Another.Errors.Entries)
            .Where(e => !e.StartsWith("Connection to Redis failed.", StringComparison.Ordinal) && !e.StartsWith("Error connecting to Redis.", StringComparison.Ordinal))
            .Should().BeEmpty();
    }

    [Fact]
    public async Task Redis_AwayAtTheStart_IsJoinedWhenItIsThere()
    {
        await using var servers = await StartAsync(withRedis: false);
        await using var olga = await ConnectAsync(servers.One, "olga");
        await using var mia = await ConnectAsync(servers.Another, "mia");
        await using var phone = await ConnectAsync(servers.One, "mia");
        await WorksAsync(servers.One, olga, phone);
        await phone.OkAsync("SetPresence", Says("offline"));
        await mia.OkAsync("SetPresence", Says("away"));
        ((string?)(await (await ApiAsync(servers.One, "olga")).GetAsync("/api/v1/status")).Ok()["backplane"]).Should().Be("unavailable");

        await servers.Redis.StartAgainAsync();

        await SeesAsync(olga, "mia", "away");
        await HearsAsync(olga, mia, "mia");
    }

    // Connections, commands, events and the presence of the node's own.
    private static async Task WorksAsync(ServerFixture server, HubClient olga, HubClient phone)
    {
        using var http = new HttpClient();
        (await http.GetAsync(new Uri(server.Address, "/healthz/ready"), TestContext.Current.CancellationToken)).IsSuccessStatusCode.Should().BeTrue();
        (await http.GetStringAsync(new Uri(server.Address, "/healthz/ready"), TestContext.Current.CancellationToken)).Should().Be("Degraded");
        await olga.SubscribeAsync(Talk);
        await phone.OkAsync("SendMessage", Json.Object("""{ "conversationId": "talk", "text": "Still here" }"""));
        await olga.Received.EventAsync(Talk, EventTypes.MessageCreated);
        await phone.OkAsync("SetPresence", Says("typing"));
        await SeesAsync(olga, "mia", "typing");
        var list = (await (await ApiAsync(server, "olga")).GetAsync($"/api/v1/presence?topic={Talk}")).Ok();
        list["items"]!.AsArray().Should().ContainSingle();
    }
}
