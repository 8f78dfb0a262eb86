using RealtimeHub.Integration.Tests.Server;

namespace RealtimeHub.Integration.Tests.Identity;

/// <summary><c>GET /api/v1/me</c>: who the caller is and what it may.</summary>
public sealed class MeTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    [Fact]
    public async Task Me_Token_IsWhoItSays()
    {
        var tenant = server.NewTenant();
        var before = TimeProvider.System.GetUtcNow();
        var wren = await server.SignInAsync(
            tenant, "auth0|wren", ["events.publish", "agents.read"], roles: ["ops", "Team A"], agents: ["writer", "critic"], seconds: 600);

        var me = (await wren.Api.GetAsync("/api/v1/me")).Ok().AsObject();

        me.Select(m => m.Key).Should().BeEquivalentTo("tenant", "subject", "scopes", "roles", "agentIds", "expiresAt");
        ((string?)me["tenant"]).Should().Be(tenant);
        me["subject"]!.ToJsonString().Should().Be("""{"kind":"user","id":"enc-YXV0aDB8d3Jlbg"}""");
        Texts("scopes").Should().BeEquivalentTo("events.publish", "agents.read");
        Texts("roles").Should().BeEquivalentTo("ops", "enc-VGVhbSBB");
        Texts("agentIds").Should().BeEquivalentTo("writer", "critic");
        (me["expiresAt"]!.GetValue<DateTimeOffset>() - before).TotalSeconds.Should().BeInRange(599, 660);

        IEnumerable<string> Texts(string member) => me[member]!.AsArray().Select(t => (string)t!);
    }

    [Fact]
    public async Task Me_Admin_HasTheScopeAndTheRole()
    {
        var ada = await server.SignInAsync(server.NewTenant(), "ada", ["admin"]);

        var me = (await ada.Api.GetAsync("/api/v1/me")).Ok();

        me["scopes"]!.ToJsonString().Should().Contain("\"admin\"");
        me["roles"]!.ToJsonString().Should().Be("""["admin"]""");
        me["agentIds"]!.ToJsonString().Should().Be("[]");
    }

    [Fact]
    public async Task Me_NoToken_IsUnauthenticated() => (await server.Anonymous().GetAsync("/api/v1/me")).Problem(401, "unauthenticated");
}
