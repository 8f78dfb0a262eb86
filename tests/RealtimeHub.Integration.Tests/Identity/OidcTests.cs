using System.Net;
using static RealtimeHub.Integration.Tests.Identity.IdentityServer;

namespace RealtimeHub.Integration.Tests.Identity;

public sealed class OidcTests
{
    private static readonly string[] Admin = ["admin"];

    private static readonly Dictionary<string, object> Ada = new(StringComparer.Ordinal)
    {
        ["tid"] = "contoso.example",
        ["sub"] = "auth0|ada",
        ["scp"] = "openid conversations.read",
    };

    [Fact]
    public async Task Token_OfTheConfiguredIssuer_IsAcceptedAndItsNamesBecomeIds()
    {
        await using var issuer = await OidcIssuer.StartAsync();
        await using var server = await StartAsync(issuer);

        using var response = await server.SendAsync(HttpMethod.Get, "/probe", issuer.Token("hub", Ada));

        (await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Should().Be("enc-Y29udG9zby5leGFtcGxl/enc-YXV0aDB8YWRh");
        await server.ConnectionAsync(await server.TicketAsync(issuer.Token("hub", Ada)));
    }

    [Fact]
    public async Task Token_ForAnotherServiceOrOfAnotherIssuer_IsRefused()
    {
        await using var issuer = await OidcIssuer.StartAsync();
        await using var server = await StartAsync(issuer);
        await using var other = await OidcIssuer.StartAsync();
        await using var development = await IdentityServer.StartAsync();

        foreach (var token in new[] { issuer.Token("mail", Ada), other.Token("hub", Ada), await development.TokenAsync() })
        {
            using var response = await server.SendAsync(HttpMethod.Get, "/probe", token);
            await ProblemAsync(response, HttpStatusCode.Unauthorized, "unauthenticated");
        }
    }

    [Fact]
    public async Task Token_WithoutATenant_TakesTheDefaultOne()
    {
        await using var issuer = await OidcIssuer.StartAsync();
        await using var none = await StartAsync(issuer);
        await using var acme = await StartAsync(issuer, ("Authentication:DefaultTenant", "acme"));
        var token = issuer.Token("hub", new(StringComparer.Ordinal) { ["sub"] = "ada", ["scp"] = "agents.read" });

        using var refused = await none.SendAsync(HttpMethod.Get, "/probe", token);
        using var accepted = await acme.SendAsync(HttpMethod.Get, "/probe", token);

        await ProblemAsync(refused, HttpStatusCode.Unauthorized, "unauthenticated");
        (await accepted.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Should().Be("acme/ada");
    }

    [Fact]
    public async Task DevToken_AnIssuerIsConfigured_DoesNotExist()
    {
        await using var issuer = await OidcIssuer.StartAsync();
        await using var server = await StartAsync(issuer, ("Authentication:DevIssuerAnywhere", "true"));

        using var response = await server.AskForTokenAsync(new { tenant = "acme", user = "ada", scopes = Admin });

        response.StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    private static Task<IdentityServer> StartAsync(OidcIssuer issuer, params (string, string)[] more) => IdentityServer.StartAsync(
        settings: [("Authentication:Authority", issuer.Url), ("Authentication:Audience", "hub"), .. more]);
}
