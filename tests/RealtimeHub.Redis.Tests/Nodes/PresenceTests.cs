using RealtimeHub.Integration.Tests.Restart;
using static RealtimeHub.Redis.Tests.Nodes.TwoServers;

namespace RealtimeHub.Redis.Tests.Nodes;

/// <summary>Presence over two nodes, as clients see it.</summary>
public sealed class PresenceTests : IAsyncLifetime
{
    private TwoServers servers = null!;

    public async ValueTask InitializeAsync() => servers = await StartAsync();

    public ValueTask DisposeAsync() => servers.DisposeAsync();

    [Fact]
    public async Task SetPresence_OnOneNode_IsSeenOnTheOther()
    {
        await using var olga = await ConnectAsync(servers.One, "olga");
        await using var mia = await ConnectAsync(servers.Another, "mia");
        await olga.SubscribeAsync(Talk);
        await HearsAsync(olga, mia, "mia");

        await mia.OkAsync("SetPresence", Says("typing"));
        await SeesAsync(olga, "mia", "typing");

        var list = (await (await ApiAsync(servers.One, "olga")).GetAsync($"/api/v1/presence?topic={Talk}")).Ok();
        ((string?)list["items"]!.AsArray().Single()!["subject"]!["id"]).Should().Be("mia");
    }

    [Fact]
    public async Task SetPresence_OverHttpOnTheOtherNode_IsSeenToo()
    {
        await using var olga = await ConnectAsync(servers.One, "olga");
        await using var mia = await ConnectAsync(servers.Another, "mia");
        await olga.SubscribeAsync(Talk);
        await HearsAsync(olga, mia, "mia");
        await mia.OkAsync("SetPresence", Says("offline"));
        await SeesAsync(olga, "mia", "offline");

        (await (await ApiAsync(servers.Another, "mia")).PutAsync("/api/v1/presence", Says("away"))).Ok();

        await SeesAsync(olga, "mia", "away");
    }

    [Fact]
    public async Task Devices_OnTwoNodes_AreOnePresence()
    {
        await using var olga = await ConnectAsync(servers.One, "olga");
        await using var phone = await ConnectAsync(servers.One, "mia");
        await using var desk = await ConnectAsync(servers.Another, "mia");
        await olga.SubscribeAsync(Talk);
        await HearsAsync(olga, desk, "mia");

        await phone.OkAsync("SetPresence", Says("away"));
        await desk.OkAsync("SetPresence", Says("offline"));
        await SeesAsync(olga, "mia", "away");
        await phone.OkAsync("SetPresence", Says("offline"));
        await SeesAsync(olga, "mia", "offline");

        StatesOf(olga, "mia").Should().EndWith(["active", "away", "offline"]);
    }

    [Fact]
    public async Task Reconnect_ToTheOtherNode_IsNoChange()
    {
        await using var olga = await ConnectAsync(servers.One, "olga");
        var first = await ConnectAsync(servers.Another, "mia");
        await olga.SubscribeAsync(Talk);
        await HearsAsync(olga, first, "mia");
        var before = StatesOf(olga, "mia").Count;

        await first.DisposeAsync();
        await using var second = await ConnectAsync(servers.One, "mia");
        await second.OkAsync("SetPresence", Says("active"));
        await second.OkAsync("SetPresence", Says("away")); // seen when the first one's time is over
        await SeesAsync(olga, "mia", "away");

        StatesOf(olga, "mia").Skip(before).Should().Equal("away");
    }

    [Fact]
    public async Task Node_ThatIsKilled_LeavesNoGhost()
    {
        await using var olga = await ConnectAsync(servers.One, "olga");
        await olga.SubscribeAsync(Talk);
        var folder = Directory.CreateTempSubdirectory("realtimehub-");
        await using (var third = await ServerProcess.StartAsync(
            folder.FullName, servers.Settings.ToDictionary(s => s.Key.Replace(":", "__", StringComparison.Ordinal), s => s.Value, StringComparer.Ordinal)))
        {
            await PopulateAsync(third.Address);
            await using var mia = await ConnectAsync(third.Address, "mia");
            await HearsAsync(olga, mia, "mia");
            await third.KillAsync();
        }

        await SeesAsync(olga, "mia", "offline");
        var list = (await (await ApiAsync(servers.One, "olga")).GetAsync($"/api/v1/presence?topic={Talk}")).Ok();
        list["items"]!.AsArray().Should().BeEmpty();
        folder.Delete(recursive: true);
    }
}
