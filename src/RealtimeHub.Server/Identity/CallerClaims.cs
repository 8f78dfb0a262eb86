namespace RealtimeHub.Server.Identity;

/// <summary>The claims that a <see cref="Core.Pipeline.Caller"/> is made of. No other claim is looked at.</summary>
internal static class CallerClaims
{
    /// <summary>The tenant, as Entra calls it; the default of <see cref="IdentityOptions.TenantClaim"/>.</summary>
    public const string EntraTenant = "tid";

    /// <summary>The user or service, the same for every application of a tenant (Entra).</summary>
    public const string ObjectId = "oid";

    /// <summary>The user or service (RFC 7519, 4.1.2).</summary>
    public const string Subject = "sub";

    /// <summary>A delegated token's scopes, separated by spaces; the default of <see cref="IdentityOptions.ScopeClaim"/>.</summary>
    public const string Scopes = "scp";

    /// <summary>What the user is; in an app-only token what the service may.</summary>
    public const string Roles = "roles";

    /// <summary>The agents that the token speaks for, as an array or separated by spaces.</summary>
    public const string Agents = "agent_ids";

    /// <summary><c>app</c> for a token without a user, <c>user</c> for one with (Entra).</summary>
    public const string TokenKind = "idtyp";

    /// <summary>When it was issued, in seconds since 1970 (RFC 7519, 4.1.6).</summary>
    public const string IssuedAt = "iat";

    /// <summary>The same in milliseconds, in tokens of the built-in issuer: a session may be revoked and begun anew in one second.</summary>
    public const string IssuedAtMs = "iat_ms";

    /// <summary>When it ends, in seconds since 1970 (RFC 7519, 4.1.4).</summary>
    public const string ExpiresAt = "exp";

    /// <summary>Every one of them: what a connection ticket takes over from a token.</summary>
    public static IEnumerable<string> All(IdentityOptions options) =>
        new[] { options.TenantClaim, ObjectId, Subject, options.ScopeClaim, Roles, Agents, TokenKind, IssuedAt, IssuedAtMs, ExpiresAt }.Distinct(StringComparer.Ordinal);
}
