using RealtimeHub.Server.Errors;

namespace RealtimeHub.Server.Identity;

/// <summary>Section <c>Authentication</c>: whose tokens are believed, and where in them the answers are.</summary>
internal sealed record IdentityOptions
{
    /// <summary>An OIDC issuer; its keys come from its discovery document.</summary>
    public string? Authority { get; init; }

    /// <summary>What <c>aud</c> must say in the tokens of <see cref="Authority"/>.</summary>
    public string? Audience { get; init; }

    /// <summary>The claim that names the tenant.</summary>
    public string TenantClaim { get; init; } = CallerClaims.EntraTenant;

    /// <summary>The tenant of tokens that name none; without it they are refused.</summary>
    public string? DefaultTenant { get; init; }

    /// <summary>The claim that holds a delegated token's scopes.</summary>
    public string ScopeClaim { get; init; } = CallerClaims.Scopes;

    /// <summary>Lets the development issuer answer callers on other machines too.</summary>
    public bool DevIssuerAnywhere { get; init; }

    /// <summary>Whether the development issuer is on. Not configurable: it follows from what else is.</summary>
    public bool UsesDevelopmentIssuer { get; private init; }

    /// <summary>The server's address as clients see it (<c>Node__PublicUrl</c>), without a slash at the end; null: as the request says.</summary>
    public string? PublicUrl { get; private init; }

    /// <summary>Reads the configuration and decides which issuer is on.</summary>
    /// <exception cref="RefusedToStartException">Nobody's tokens would be believed, or the wrong ones might be.</exception>
    public static IdentityOptions Read(IConfiguration configuration, IHostEnvironment environment)
    {
        var options = configuration.GetSection("Authentication").Get<IdentityOptions>() ?? new IdentityOptions();
        var hasAuthority = !string.IsNullOrWhiteSpace(options.Authority);
        var hasEntra = configuration.GetSection("AzureAd").Exists();
        if (hasEntra)
        {
            throw new RefusedToStartException(
                "The AzureAd section is not supported by this version: remove it and set Authentication__Authority and Authentication__Audience instead.");
        }

        if (!hasAuthority && !environment.IsDevelopment())
        {
            throw new RefusedToStartException(
                "No token issuer is configured: set Authentication__Authority and Authentication__Audience, or run in the Development environment.");
        }

        if (hasAuthority)
        {
            CheckAuthority(options, environment);
        }

        return options with
        {
            UsesDevelopmentIssuer = !hasAuthority,
            PublicUrl = ReadPublicUrl(configuration["Node:PublicUrl"]),
        };
    }

    private static void CheckAuthority(IdentityOptions options, IHostEnvironment environment)
    {
        if (string.IsNullOrWhiteSpace(options.Audience))
        {
            throw new RefusedToStartException(
                "Authentication__Authority is set without Authentication__Audience: tokens made for other services would be accepted.");
        }

        // Keys that are fetched in the clear are anybody's keys.
        if (!IsHttp(options.Authority, out var authority) || (authority.Scheme != Uri.UriSchemeHttps && !environment.IsDevelopment()))
        {
            throw new RefusedToStartException(
                "Authentication__Authority must be an https address (http is accepted in the Development environment alone).");
        }
    }

    private static string? ReadPublicUrl(string? text) => string.IsNullOrWhiteSpace(text) ? null
        : IsHttp(text, out var url) && url.Query.Length == 0 && url.Fragment.Length == 0 ? url.AbsoluteUri.TrimEnd('/')
        : throw new RefusedToStartException("Node__PublicUrl must be an absolute http or https address without a query.");

    private static bool IsHttp(string? text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Uri? url) =>
        Uri.TryCreate(text, UriKind.Absolute, out url) && (url.Scheme == Uri.UriSchemeHttps || url.Scheme == Uri.UriSchemeHttp);
}
