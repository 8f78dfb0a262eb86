using System.Text.Json.Nodes;
using RealtimeHub.Contracts;
using RealtimeHub.Integration.Tests.Server;

namespace RealtimeHub.Integration.Tests.Hubs;

/// <summary>Presence on one node, as clients see it.</summary>
public sealed class PresenceTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    private const string Talk = "conversation:talk";

    [Fact]
    public async Task SetPresence_InATopic_ReachesThoseWhoWatchItAndNobodyElse()
    {
        var tenant = await PopulateAsync();
        await using var olga = await ConnectAsync(tenant, "olga");
        await using var sam = await ConnectAsync(tenant, "sam");
        await using var mia = await ConnectAsync(tenant, "mia");
        await olga.SubscribeAsync(Talk);

        await mia.OkAsync("SetPresence", Presence("typing", Talk));
        var change = await ChangeAsync(olga, Talk, "mia");
        await mia.OkAsync("SetPresence", Presence("away"));
        await ChangeAsync(sam, topic: null, "mia");

        ((string?)change["state"]).Should().Be("typing");
        sam.Received.All.Should().NotContain(p => p.Method == "PresenceChanged" && p.Topic == Talk);
    }

    [Fact]
    public async Task SetPresence_OfTwoDevices_IsOnePresence()
    {
        var tenant = await PopulateAsync();
        await using var olga = await ConnectAsync(tenant, "olga");
        await using var phone = await ConnectAsync(tenant, "mia");
        await using var desk = await ConnectAsync(tenant, "mia");
        await olga.SubscribeAsync(Talk);

        await phone.OkAsync("SetPresence", Presence("away", Talk));
        await desk.OkAsync("SetPresence", Presence("active", Talk));
        await desk.OkAsync("SetPresence", Presence("offline", Talk));
        await phone.OkAsync("SetPresence", Presence("offline", Talk));
        await olga.Received.UntilAsync(r => StatesOf(r, Talk, "mia").Count == 4 ? this : null);

        StatesOf(olga.Received, Talk, "mia").Should().Equal("away", "active", "away", "offline");
        var list = (await (await server.SignInAsync(tenant, "olga")).Api.GetAsync($"/api/v1/presence?topic={Talk}")).Ok();
        list["items"]!.AsArray().Should().BeEmpty();
    }

    [Fact]
    public async Task Reconnect_WithinTheGrace_IsNoChange()
    {
        var tenant = await PopulateAsync();
        await using var olga = await ConnectAsync(tenant, "olga");
        await olga.SubscribeAsync(Talk);
        var first = await ConnectAsync(tenant, "mia");
        await first.OkAsync("SetPresence", Presence("active", Talk));
        await first.DisposeAsync();

        await using var second = await ConnectAsync(tenant, "mia");
        await second.OkAsync("SetPresence", Presence("active", Talk));
        await second.OkAsync("SetPresence", Presence("away", Talk));
        await olga.OkAsync("SetPresence", Presence("active", Talk));
        await ChangeAsync(olga, Talk, "olga"); // what came before it has arrived

        StatesOf(olga.Received, Talk, "mia").Should().Equal("active"); // away is said by one of two that are there
        await olga.Received.UntilAsync(r => StatesOf(r, Talk, "mia").Count == 2 ? this : null);
        StatesOf(olga.Received, Talk, "mia").Should().Equal("active", "away");
    }

    [Fact]
    public async Task RemoveParticipant_WhoIsPresentWithoutWatching_EndsThePresence()
    {
        var tenant = await PopulateAsync();
        await using var olga = await ConnectAsync(tenant, "olga");
        await using var mia = await ConnectAsync(tenant, "mia");
        await olga.SubscribeAsync(Talk);
        await mia.OkAsync("SetPresence", Presence("active", Talk));
        await ChangeAsync(mia, Talk, "mia");

        (await (await server.SignInAsync(tenant, "olga")).Api.DeleteAsync("/api/v1/conversations/talk/participants/user/mia")).Ok();
        await olga.Received.UntilAsync(r => StatesOf(r, Talk, "mia").Count == 2 ? this : null);
        await olga.OkAsync("SetPresence", Presence("away", Talk));
        await ChangeAsync(olga, Talk, "olga");

        StatesOf(olga.Received, Talk, "mia").Should().Equal("active", "offline");
        mia.Received.All.Should().NotContain(p => p.Method == "PresenceChanged" && Subjects(p).Contains("olga"));
    }

    [Fact]
    public async Task Unsubscribe_OfATopic_HearsNoMoreOfIt()
    {
        var tenant = await PopulateAsync();
        await using var olga = await ConnectAsync(tenant, "olga");
        await using var mia = await ConnectAsync(tenant, "mia");
        await mia.SubscribeAsync(Talk);
        await olga.SubscribeAsync(Talk);
        await mia.OkAsync("Unsubscribe", new JsonObject { ["topics"] = new JsonArray(Talk) });

        await olga.OkAsync("SetPresence", Presence("active", Talk));
        await olga.OkAsync("SetPresence", Presence("active"));
        await ChangeAsync(mia, topic: null, "olga");

        mia.Received.All.Should().NotContain(p => p.Method == "PresenceChanged" && p.Topic == Talk);
    }

    private static JsonObject Presence(string state, string? topic = null) => new() { ["state"] = state, ["topic"] = topic };

    private static IEnumerable<string> Subjects(Push push) => push.Message["changes"]!.AsArray().Select(c => (string)c!["subject"]!["id"]!);

    private static List<string> StatesOf(Received received, string? topic, string user) =>
    [
        .. received.All.Where(p => p.Method == "PresenceChanged" && p.Topic == topic).SelectMany(p => p.Message["changes"]!.AsArray())
            .Where(c => (string?)c!["subject"]!["id"] == user).Select(c => (string)c!["state"]!),
    ];

    private static async Task<JsonNode> ChangeAsync(HubClient client, string? topic, string user)
    {
        var push = await client.Received.PushAsync(p => p.Method == "PresenceChanged" && p.Topic == topic && Subjects(p).Contains(user));
        return push.Message["changes"]!.AsArray().First(c => (string?)c!["subject"]!["id"] == user)!;
    }

    private async Task<HubClient> ConnectAsync(string tenant, string user) => await (await server.SignInAsync(tenant, user)).ConnectAsync(HubPaths.Operator);

    private async Task<string> PopulateAsync()
    {
        var tenant = server.NewTenant();
        (await (await server.SignInAsync(tenant, "olga")).Api.PostAsync(
            "/api/v1/conversations", Json.Object("""{ "id": "talk", "title": "Talk", "participants": [{ "kind": "user", "id": "mia" }] }"""))).Ok();
        return tenant;
    }
}
