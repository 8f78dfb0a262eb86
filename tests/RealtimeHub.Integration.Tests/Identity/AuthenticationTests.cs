using System.Net;
using Microsoft.Extensions.Time.Testing;
using RealtimeHub.Server.Errors;
using static RealtimeHub.Integration.Tests.Identity.IdentityServer;

namespace RealtimeHub.Integration.Tests.Identity;

public sealed class AuthenticationTests
{
    private readonly FakeTimeProvider clock = new(TimeProvider.System.GetUtcNow());

    [Theory]
    [InlineData("GET", "/probe")]
    [InlineData("POST", "/hubs/probe/negotiate")]
    [InlineData("GET", "/hubs/probe")]
    public async Task Request_NoToken_IsUnauthenticated(string method, string path)
    {
        await using var server = await StartAsync(clock);

        using var response = await server.SendAsync(new HttpMethod(method), path);

        await ProblemAsync(response, HttpStatusCode.Unauthorized, "unauthenticated");
        response.Headers.WwwAuthenticate.ToString().Should().Be("Bearer");
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("a.b.c")]
    [InlineData("..")]
    [InlineData("eyJhbGciOiJFUzI1NiJ9.bm90IGpzb24.AAAA")]
    [InlineData("eyJhbGciOiJub25lIn0.eyJpc3MiOiJ1cm46cmVhbHRpbWVodWI6ZGV2ZWxvcG1lbnQiLCJ0aWQiOiJhIiwic3ViIjoiYiIsInNjcCI6ImFkbWluIn0.")]
    public async Task Request_NotAToken_IsUnauthenticated(string token)
    {
        await using var server = await StartAsync(clock);

        using var response = await server.SendAsync(HttpMethod.Get, "/probe", token);

        await ProblemAsync(response, HttpStatusCode.Unauthorized, "unauthenticated");
        response.Headers.WwwAuthenticate.ToString().Should().Contain("invalid_token");
    }

    [Fact]
    public async Task Request_TokenThatWasChanged_IsUnauthenticated()
    {
        await using var server = await StartAsync(clock);
        var parts = (await server.TokenAsync()).Split('.');
        var other = (await server.TokenAsync(user: "mallory")).Split('.');

        using var response = await server.SendAsync(HttpMethod.Get, "/probe", $"{parts[0]}.{other[1]}.{parts[2]}");

        await ProblemAsync(response, HttpStatusCode.Unauthorized, "unauthenticated");
    }

    [Fact]
    public async Task Request_TokenIsOver_IsUnauthenticatedToTheSecond()
    {
        await using var server = await StartAsync(clock);
        var token = await server.TokenAsync(seconds: 60);

        clock.Advance(TimeSpan.FromSeconds(59));
        using var before = await server.SendAsync(HttpMethod.Get, "/probe", token);
        clock.Advance(TimeSpan.FromSeconds(2));
        using var after = await server.SendAsync(HttpMethod.Get, "/probe", token);

        before.StatusCode.Should().Be(HttpStatusCode.OK);
        var problem = await ProblemAsync(after, HttpStatusCode.Unauthorized, "unauthenticated");
        ((string?)problem["detail"]).Should().Be("The token has expired.");
    }

    [Fact]
    public async Task Request_TokenWithoutScopes_IsUnauthenticated()
    {
        await using var server = await StartAsync(clock);
        var token = await server.TokenAsync(scopes: []);

        using var endpoint = await server.SendAsync(HttpMethod.Get, "/probe", token);
        using var hub = await server.SendAsync(HttpMethod.Post, Hub + "/negotiate", token);

        await ProblemAsync(endpoint, HttpStatusCode.Unauthorized, "unauthenticated");
        await ProblemAsync(hub, HttpStatusCode.Unauthorized, "unauthenticated");
    }

    [Fact]
    public async Task Request_PolicyIsNotMet_IsForbidden()
    {
        await using var server = await StartAsync(clock);

        using var response = await server.SendAsync(HttpMethod.Get, "/nobody", await server.TokenAsync());

        await ProblemAsync(response, HttpStatusCode.Forbidden, "forbidden");
    }

    [Theory]
    [InlineData("Production", "", "", "")]
    [InlineData("Staging", "", "", "")]
    [InlineData("Development", "https://issuer.example", "", "")]
    [InlineData("Production", "http://issuer.example", "hub", "")]
    [InlineData("Development", "issuer", "hub", "")]
    [InlineData("Development", "", "", "tenant")]
    public async Task Start_NobodyOrAnybodyWouldBeBelieved_IsRefusedInOneSentence(string environment, string authority, string audience, string entraTenant)
    {
        (string, string)[] settings =
        [
            ("Authentication:Authority", authority), ("Authentication:Audience", audience),
            .. entraTenant.Length == 0 ? Array.Empty<(string, string)>() : [("AzureAd:TenantId", entraTenant)],
        ];

        var start = async () => await StartAsync(clock, environment: environment, settings: settings);

        (await start.Should().ThrowAsync<RefusedToStartException>()).Which.Message.Should().EndWith(".").And.NotContain("\n");
    }

    [Fact]
    public async Task Start_PublicUrlIsNone_IsRefused()
    {
        var start = async () => await StartAsync(clock, settings: ("Node:PublicUrl", "hub.example"));

        await start.Should().ThrowAsync<RefusedToStartException>();
    }
}
