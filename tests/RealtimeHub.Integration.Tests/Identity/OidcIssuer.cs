using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace RealtimeHub.Integration.Tests.Identity;

/// <summary>An OIDC issuer as far as token validation needs one: a discovery document and keys.</summary>
internal sealed class OidcIssuer : IAsyncDisposable
{
    private readonly RSA rsa = RSA.Create(2048);
    private readonly RsaSecurityKey key;
    private readonly WebApplication app;

    private OidcIssuer()
    {
        key = new RsaSecurityKey(rsa) { KeyId = "one" };
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        app = builder.Build();
        app.MapGet("/.well-known/openid-configuration", () => Results.Json(new { issuer = Url, jwks_uri = Url + "/keys" }));
        app.MapGet("/keys", () => Results.Json(new { keys = new[] { Jwk() } }));
    }

    public string Url => app.Urls.Single();

    public static async Task<OidcIssuer> StartAsync()
    {
        var issuer = new OidcIssuer();
        await issuer.app.StartAsync(TestContext.Current.CancellationToken);
        return issuer;
    }

    public string Token(string audience, Dictionary<string, object> claims) => new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
    {
        Issuer = Url,
        Audience = audience,
        Claims = claims,
        Expires = TimeProvider.System.GetUtcNow().AddMinutes(5).UtcDateTime,
        SigningCredentials = new SigningCredentials(key, SecurityAlgorithms.RsaSha256),
    });

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        rsa.Dispose();
    }

    private object Jwk()
    {
        var parameters = rsa.ExportParameters(includePrivateParameters: false);
        return new
        {
            kty = "RSA",
            use = "sig",
            kid = key.KeyId,
            n = Base64UrlEncoder.Encode(parameters.Modulus),
            e = Base64UrlEncoder.Encode(parameters.Exponent),
        };
    }
}
