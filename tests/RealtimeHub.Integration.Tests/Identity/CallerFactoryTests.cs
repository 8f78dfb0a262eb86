using System.Security.Claims;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Pipeline;
using RealtimeHub.Server.Identity;

namespace RealtimeHub.Integration.Tests.Identity;

public sealed class CallerFactoryTests
{
    [Fact]
    public void Create_DelegatedToken_ScopesAreItsScp()
    {
        var caller = Caller(("tid", "acme"), ("sub", "ada"), ("scp", "agents.read unheard.of conversations.write"), ("roles", "ops"), ("roles", "agents.operate"));

        caller.Tenant.Should().Be("acme");
        caller.Subject.Should().Be(Subject.User("ada"));
        caller.Scopes.Should().BeEquivalentTo("agents.read", "conversations.write");
        caller.Roles.Should().BeEquivalentTo("ops", "enc-YWdlbnRzLm9wZXJhdGU");
    }

    [Theory]
    [InlineData("admin", "admin", true)]
    [InlineData("admin agents.read", "ops", false)]
    [InlineData("agents.read", "admin", false)]
    public void Create_DelegatedToken_AdminNeedsScopeAndRole(string scp, string role, bool admin) =>
        Caller(("tid", "acme"), ("sub", "ada"), ("scp", scp), ("roles", role)).IsAdmin.Should().Be(admin);

    [Theory]
    [InlineData("app")]
    [InlineData(null)]
    public void Create_AppOnlyToken_ScopesAreItsRoles(string? kind)
    {
        (string, string)[] claims = [("tid", "acme"), ("oid", "svc"), ("sub", "other"), ("roles", "events.publish"), ("roles", "admin"), ("roles", "x")];

        var caller = Caller(kind is null ? claims : [.. claims, ("idtyp", kind)]);

        caller.Subject.Should().Be(new Subject(SubjectKind.System, "svc"));
        caller.Scopes.Should().BeEquivalentTo("events.publish", "admin");
        caller.Roles.Should().BeEmpty();
    }

    [Fact]
    public void Create_AppOnlyTokenThatCarriesScp_ScpIsNotLookedAt() =>
        Caller(("tid", "acme"), ("oid", "svc"), ("idtyp", "app"), ("scp", "admin"), ("roles", "agents.read")).Scopes.Should().Equal("agents.read");

    [Theory]
    [InlineData("tid=acme;sub=ada;scp=openid")]
    [InlineData("tid=acme;sub=ada;scp=")]
    [InlineData("tid=acme;sub=ada;scp=;roles=admin")]
    [InlineData("tid=acme;sub=ada;scp=admin")]
    [InlineData("tid=acme;sub=ada;idtyp=user;roles=admin")]
    [InlineData("tid=acme;scp=agents.read")]
    [InlineData("tid=acme;sub=;scp=agents.read")]
    [InlineData("sub=ada;scp=agents.read")]
    public void TryAccept_NobodyOrNothing_Refuses(string claims)
    {
        var principal = Principal([.. claims.Split(';').Select(c => c.Split('=')).Select(c => (c[0], c[1]))]);

        var accepted = new CallerFactory(new IdentityOptions()).TryAccept(principal, out var reason);

        accepted.Should().BeNull();
        reason.Should().EndWith(".");
    }

    [Fact]
    public void Create_AgentIds_AreReadFromArrayAndFromText()
    {
        (string, string)[] claims = [("tid", "acme"), ("sub", "ada"), ("scp", "events.publish")];

        Caller([.. claims, ("agent_ids", "writer"), ("agent_ids", "critic")]).Agents.Should().BeEquivalentTo("writer", "critic");
        Caller([.. claims, ("agent_ids", "writer critic not.an.id")]).Agents.Should().BeEquivalentTo("writer", "critic");
    }

    [Fact]
    public void Create_SameNameInTwoTenants_IsTwoCallers()
    {
        // One name is the other's encoded form: without the rule for "enc-" they would be one.
        var plain = Caller(("tid", "a.b"), ("sub", "auth0|x"), ("scp", "agents.read"));
        var forged = Caller(("tid", plain.Tenant), ("sub", plain.Subject.Id), ("scp", "agents.read"));

        forged.Tenant.Should().NotBe(plain.Tenant);
        forged.Subject.Should().NotBe(plain.Subject);
    }

    [Fact]
    public void Create_Times_AreTheTokens()
    {
        var caller = Caller(("tid", "acme"), ("sub", "ada"), ("scp", "agents.read"), ("iat", "1700000000"), ("exp", "1700003600"));

        caller.IssuedAt.ToUnixTimeSeconds().Should().Be(1700000000);
        caller.ExpiresAt.ToUnixTimeSeconds().Should().Be(1700003600);
    }

    private static Caller Caller(params (string Type, string Value)[] claims) =>
        CallerFactory.Create(new CallerFactory(new IdentityOptions()).TryAccept(Principal(claims), out _)!, Surface.Http);

    private static ClaimsPrincipal Principal((string Type, string Value)[] claims) =>
        new(new ClaimsIdentity(claims.Select(c => new Claim(c.Type, c.Value)), "test"));
}
