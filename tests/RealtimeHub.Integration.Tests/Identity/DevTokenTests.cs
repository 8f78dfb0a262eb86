using System.Net;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.JsonWebTokens;
using static RealtimeHub.Integration.Tests.Identity.IdentityServer;

namespace RealtimeHub.Integration.Tests.Identity;

public sealed class DevTokenTests
{
    private static readonly string[] Admin = ["admin"];
    private static readonly string[] Unknown = ["x"];

    private readonly FakeTimeProvider clock = new(TimeProvider.System.GetUtcNow());

    [Theory]
    [InlineData("""{ "user": "ada", "scopes": [] }""", "tenant")]
    [InlineData("""{ "tenant": null, "user": "ada", "scopes": [] }""", "tenant")]
    [InlineData("""{ "tenant": "a\nb", "user": "ada", "scopes": [] }""", "tenant")]
    [InlineData("""{ "tenant": "", "user": "ada", "scopes": [] }""", "tenant")]
    [InlineData("""{ "tenant": 7, "user": "ada", "scopes": [] }""", "tenant")]
    [InlineData("""{ "tenant": "acme", "scopes": [] }""", "user")]
    [InlineData("""{ "tenant": "acme", "user": "", "scopes": [] }""", "user")]
    [InlineData("""{ "tenant": "acme", "user": "\u0000", "scopes": [] }""", "user")]
    [InlineData("""{ "tenant": "acme", "user": "\ud800", "scopes": [] }""", "user")]
    [InlineData("""{ "tenant": "acme", "user": "ada" }""", "scopes")]
    [InlineData("""{ "tenant": "acme", "user": "ada", "scopes": "admin" }""", "scopes")]
    [InlineData("""{ "tenant": "acme", "user": "ada", "scopes": ["admin", "root"] }""", "scopes[1]")]
    [InlineData("""{ "tenant": "acme", "user": "ada", "scopes": [null] }""", "scopes[0]")]
    [InlineData("""{ "tenant": "acme", "user": "ada", "scopes": [], "roles": ["ops", "\u007f"] }""", "roles[1]")]
    [InlineData("""{ "tenant": "acme", "user": "ada", "scopes": [], "roles": [null] }""", "roles[0]")]
    [InlineData("""{ "tenant": "acme", "user": "ada", "scopes": [], "agentIds": ["*"] }""", "agentIds[0]")]
    [InlineData("""{ "tenant": "acme", "user": "ada", "scopes": [], "expiresInSeconds": 0 }""", "expiresInSeconds")]
    [InlineData("""{ "tenant": "acme", "user": "ada", "scopes": [], "expiresInSeconds": 86401 }""", "expiresInSeconds")]
    [InlineData("""{ "tenant": "acme", "user": "ada", "scopes": [], "expiresInSeconds": "60" }""", "expiresInSeconds")]
    [InlineData("""{ "tenant": "acme", "user": "ada", "scopes": [], "expiresInSeconds": 1.5 }""", "expiresInSeconds")]
    [InlineData("""{ "tenant": "acme", "user": "ada", "scopes": [], "admin": true }""", "admin")]
    [InlineData("""{ "tenant": "acme", "tenant": "other", "user": "ada", "scopes": [] }""", "tenant")]
    [InlineData("""[]""", "$")]
    [InlineData("""null""", "$")]
    [InlineData("", "$")]
    [InlineData("""{ "tenant": """, "tenant")]
    public async Task DevToken_BadBody_SaysWhichMember(string body, string member)
    {
        await using var server = await StartAsync(clock);
        using var content = Json(body);

        using var response = await server.SendAsync(HttpMethod.Post, "/auth/dev-token", content: content);

        var problem = await ProblemAsync(response, HttpStatusCode.BadRequest, "invalid_request");
        problem["errors"]!.AsObject().Select(e => e.Key).Should().Equal(member);
    }

    [Fact]
    public async Task DevToken_SeveralFaults_NamesThemAll()
    {
        await using var server = await StartAsync(clock);

        using var response = await server.AskForTokenAsync(new { tenant = new string('x', 257), scopes = Unknown, expiresInSeconds = -1 });

        var problem = await ProblemAsync(response, HttpStatusCode.BadRequest, "invalid_request");
        problem["errors"]!.AsObject().Select(e => e.Key).Should().BeEquivalentTo("tenant", "user", "scopes[0]", "expiresInSeconds");
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData(null)]
    public async Task DevToken_NotJson_IsRefused(string? mediaType)
    {
        await using var server = await StartAsync(clock);
        using var content = Json("""{ "tenant": "acme", "user": "ada", "scopes": [] }""");
        content.Headers.ContentType = mediaType is null ? null : new(mediaType);

        using var response = await server.SendAsync(HttpMethod.Post, "/auth/dev-token", content: content);

        await ProblemAsync(response, HttpStatusCode.UnsupportedMediaType, "invalid_request");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task DevToken_BodyOver64KiB_IsTooLarge(bool chunked)
    {
        await using var server = await StartAsync(clock);
        using var content = Json("{" + new string(' ', 64 * 1024) + "}");
        if (chunked)
        {
            content.Headers.ContentLength = null;
        }

        using var response = await server.SendAsync(HttpMethod.Post, "/auth/dev-token", content: content);

        await ProblemAsync(response, HttpStatusCode.RequestEntityTooLarge, "too_large");
    }

    [Theory]
    [InlineData(null, 3600)]
    [InlineData(1, 1)]
    [InlineData(86400, 86400)]
    public async Task DevToken_Lifetime_IsAtLeastWhatWasAskedFor(int? asked, int seconds)
    {
        await using var server = await StartAsync(clock);

        using var response = await server.AskForTokenAsync(new { tenant = "acme", user = "ada", scopes = Admin, expiresInSeconds = asked });

        var answer = await JsonAsync(response);
        var expires = answer["expiresAt"]!.GetValue<DateTimeOffset>();
        ((string)answer["expiresAt"]!).Should().MatchRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$");
        (expires - clock.GetUtcNow()).TotalSeconds.Should().BeInRange(seconds, seconds + 1);
        new JsonWebToken((string)answer["accessToken"]!).ValidTo.Should().Be(expires.UtcDateTime);
        response.Headers.CacheControl!.NoStore.Should().BeTrue();
    }

    [Fact]
    public async Task DevToken_AdminScope_BringsTheRole()
    {
        await using var server = await StartAsync(clock);

        var token = new JsonWebToken(await server.TokenAsync(scopes: ["admin", "agents.read"]));

        token.Claims.Where(c => c.Type == "roles").Select(c => c.Value).Should().Equal("admin");
        token.GetClaim("scp").Value.Should().Be("admin agents.read");
    }

    [Theory]
    [InlineData("acme", "auth0|x", "acme/enc-YXV0aDB8eA")]
    [InlineData("a b", "Zoë", "enc-YSBi/enc-Wm_Dqw")]
    [InlineData("acme", "enc-x", "acme/enc-ZW5jLXg")]
    public async Task DevToken_ForeignNames_BecomeIdsAsThoseOfAnyIssuer(string tenant, string user, string expected)
    {
        await using var server = await StartAsync(clock);

        using var response = await server.SendAsync(HttpMethod.Get, "/probe", await server.TokenAsync(tenant, user));

        (await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Should().Be(expected);
    }

    [Fact]
    public async Task DevToken_LongNamesAndForeignRoles_AreTaken()
    {
        await using var server = await StartAsync(clock);
        string[] roles = ["not admin", "Team | Söder", new string('x', 256)];

        using var response = await server.AskForTokenAsync(new { tenant = new string('.', 256), user = string.Concat(Enumerable.Repeat("🙂", 128)), scopes = Admin, roles });

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        var token = new JsonWebToken((string)(await JsonAsync(response))["accessToken"]!);
        token.Claims.Where(c => c.Type == "roles").Select(c => c.Value).Should().Equal([.. roles, "admin"]);
    }

    [Theory]
    [InlineData("192.0.2.7", null, null, HttpStatusCode.Forbidden)]
    [InlineData(null, "192.0.2.7", null, HttpStatusCode.Forbidden)]
    [InlineData(null, null, "rebound.example", HttpStatusCode.Forbidden)]
    [InlineData("::ffff:127.0.0.1", null, "localhost", HttpStatusCode.OK)]
    [InlineData("::1", null, "[::1]", HttpStatusCode.OK)]
    public async Task DevToken_CallerElsewhere_IsRefusedUnlessOptedIn(string? remote, string? forwardedFor, string? host, HttpStatusCode expected)
    {
        await using var strict = await StartAsync(clock);
        await using var open = await StartAsync(clock, settings: ("Authentication:DevIssuerAnywhere", "true"));

        (await AskAsync(strict)).Should().Be(expected);
        (await AskAsync(open)).Should().Be(HttpStatusCode.OK);

        async Task<HttpStatusCode> AskAsync(IdentityServer server)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/auth/dev-token")
            {
                Content = Json("""{ "tenant": "acme", "user": "ada", "scopes": ["agents.read"] }"""),
            };
            request.Headers.Host = host;
            request.Headers.Add("X-Test-Remote", remote);
            request.Headers.Add("X-Forwarded-For", forwardedFor);
            using var response = await server.Http.SendAsync(request, TestContext.Current.CancellationToken);
            if (response.StatusCode == HttpStatusCode.Forbidden)
            {
                await ProblemAsync(response, HttpStatusCode.Forbidden, "forbidden");
            }

            return response.StatusCode;
        }
    }

    [Fact]
    public async Task DevToken_ServerStartsAgain_TokenIsStillGood()
    {
        var documents = new MemoryDocuments();
        string token;
        await using (var before = await StartAsync(clock, documents))
        {
            token = await before.TokenAsync();
        }

        await using var after = await StartAsync(clock, documents);
        using var accepted = await after.SendAsync(HttpMethod.Get, "/probe", token);
        await using var stranger = await StartAsync(clock);
        using var refused = await stranger.SendAsync(HttpMethod.Get, "/probe", token);

        accepted.StatusCode.Should().Be(HttpStatusCode.OK);
        await ProblemAsync(refused, HttpStatusCode.Unauthorized, "unauthenticated");
    }

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");
}
