using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using RealtimeHub.Contracts;

namespace RealtimeHub.Server.Identity.Development;

/// <summary>Makes tokens for whoever asks. Only registered in the Development environment with no other issuer configured.</summary>
internal sealed class DevelopmentIssuer(DevelopmentKey key, TimeProvider time)
{
    /// <summary>What its tokens say in <c>iss</c>.</summary>
    public const string Name = "urn:realtimehub:development";

    /// <summary>What its tokens say in <c>aud</c>.</summary>
    public const string Audience = "realtimehub";

    private static readonly JsonWebTokenHandler Tokens = new() { SetDefaultTimesOnTokenCreation = false };

    /// <summary>A token for a request that <see cref="DevTokenRequest.Validate"/> found in order.</summary>
    public async ValueTask<DevTokenResponse> IssueAsync(DevTokenRequest request, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();

        // Tokens count in whole seconds. Rounded up, a token is never shorter than was asked for.
        var lifetime = TimeSpan.FromSeconds(request.ExpiresInSeconds ?? DevTokenRequest.DefaultSeconds);
        var expires = DateTimeOffset.FromUnixTimeSeconds((now + lifetime - TimeSpan.FromTicks(1)).ToUnixTimeSeconds() + 1);

        var token = Tokens.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Name,
            Audience = Audience,
            IssuedAt = now.UtcDateTime,
            NotBefore = now.UtcDateTime,
            Expires = expires.UtcDateTime,
            Claims = ClaimsOf(request, now),
            SigningCredentials = new SigningCredentials(await key.GetAsync(cancellationToken), SecurityAlgorithms.EcdsaSha256),
        });
        return new DevTokenResponse(token, expires);
    }

    private static Dictionary<string, object> ClaimsOf(DevTokenRequest request, DateTimeOffset now)
    {
        // Whoever asks for the admin scope here is an administrator: the scope counts only together with the role.
        var roles = (request.Roles ?? []).Concat(request.Scopes!.Where(s => s == Scopes.Admin)).Distinct(StringComparer.Ordinal);
        var claims = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            [CallerClaims.EntraTenant] = request.Tenant!,
            [CallerClaims.Subject] = request.User!,
            [CallerClaims.TokenKind] = "user",
            [CallerClaims.IssuedAtMs] = now.ToUnixTimeMilliseconds(),
            [CallerClaims.Scopes] = string.Join(' ', request.Scopes!.Distinct(StringComparer.Ordinal)),
            [CallerClaims.Roles] = roles.ToArray(),
        };
        if (request.AgentIds is { Count: > 0 } agents)
        {
            claims[CallerClaims.Agents] = agents.Distinct(StringComparer.Ordinal).ToArray();
        }

        return claims;
    }
}
