using Microsoft.IdentityModel.JsonWebTokens;
using RealtimeHub.Server.Identity.Tickets;

namespace RealtimeHub.Server.Identity;

/// <summary>Names of the authentication schemes.</summary>
internal static class Schemes
{
    /// <summary>The default: picks one of the others by what the request carries.</summary>
    public const string Any = "RealtimeHub";

    /// <summary>Tokens of the built-in development issuer.</summary>
    public const string Development = "Development";

    /// <summary>Tokens of <c>Authentication__Authority</c>.</summary>
    public const string Oidc = "Oidc";

    /// <summary>Connection tickets.</summary>
    public const string Ticket = "Ticket";
}

/// <summary>A scheme that validates the tokens of an issuer.</summary>
/// <param name="Scheme">Its name.</param>
/// <param name="Issued">Whether a token with this <c>iss</c> is its own. Nothing is trusted yet: the scheme checks the issuer again.</param>
internal sealed record TokenIssuer(string Scheme, Func<string, bool> Issued);

/// <summary>Finds the credentials of a request, and who can check them.</summary>
internal sealed class Credentials(IEnumerable<TokenIssuer> issuers)
{
    private const string BearerPrefix = "Bearer ";

    private readonly TokenIssuer[] issuers = [.. issuers];

    /// <summary>The scheme for this request; a header beats a query.</summary>
    public string SchemeOf(HttpContext context) =>
        Bearer(context.Request) is { } token && IsJwt(token) ? SchemeOf(token) : Schemes.Ticket;

    /// <summary>The token in the Authorization header, or null.</summary>
    public static string? Bearer(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        return header.StartsWith(BearerPrefix, StringComparison.OrdinalIgnoreCase) ? header[BearerPrefix.Length..].Trim() : null;
    }

    /// <summary>The token in the query of a hub's request, or null; nowhere else does a query authenticate anybody.</summary>
    public static string? HubQuery(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<TicketedHub>() is not null
        && context.Request.Query["access_token"].ToString() is { Length: > 0 } token ? token : null;

    /// <summary>Whether it has the form of a signed token, which a ticket never has.</summary>
    public static bool IsJwt(string token) => token.Contains('.', StringComparison.Ordinal);

    private string SchemeOf(string token)
    {
        string issuer;
        try
        {
            issuer = new JsonWebToken(token).Issuer;
        }
        catch (ArgumentException)
        {
            // Not a token after all. Any of the schemes will say so.
            issuer = "";
        }

        return (Array.Find(issuers, i => i.Issued(issuer)) ?? issuers[^1]).Scheme;
    }
}
