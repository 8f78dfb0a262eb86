using System.Collections.Frozen;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Claims;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Server.Identity;

/// <summary>Makes the <see cref="Caller"/> of a request out of the authenticated principal.</summary>
internal sealed class CallerFactory(IdentityOptions options)
{
    private static readonly FrozenSet<string> KnownScopes = Scopes.All.ToFrozenSet(StringComparer.Ordinal);

    private readonly Dictionary<string, string> names = CallerClaims.All(options).ToDictionary(name => name, StringComparer.Ordinal);

    /// <summary>The caller of a request that authentication let through.</summary>
    /// <exception cref="InvalidOperationException">The principal is not of <see cref="TryAccept"/>.</exception>
    public static Caller Create(ClaimsPrincipal principal, Surface surface, string? connectionId = null) =>
        principal.Identity is CallerIdentity known
            ? known.Caller with { Surface = surface, ConnectionId = connectionId, Traceparent = TraceParent() }
            : throw new InvalidOperationException("The principal was not authenticated by a scheme of this server.");

    /// <summary>The principal with what is needed of it; null with a reason, in a sentence that may be shown, when it makes nobody a caller.</summary>
    /// <remarks>Every authentication scheme accepts what this returns and nothing else, so that a token without a use is <c>unauthenticated</c>.</remarks>
    public ClaimsPrincipal? TryAccept(ClaimsPrincipal principal, out string? reason)
    {
        if (!TryCreate(principal, out var caller, out reason))
        {
            return null;
        }

        // A name of our own, not the token's: thousands of connections share it.
        var values = principal.Claims.Where(c => names.ContainsKey(c.Type)).Select(c => KeyValuePair.Create(names[c.Type], c.Value));
        return new ClaimsPrincipal(new CallerIdentity([.. values], principal.Identity?.AuthenticationType, caller));
    }

    private bool TryCreate(
        ClaimsPrincipal principal,
        [NotNullWhen(true)] out Caller? caller,
        [NotNullWhen(false)] out string? reason)
    {
        caller = null;
        if (!ForeignName.TryToId(Value(principal, options.TenantClaim) ?? options.DefaultTenant, out var tenant))
        {
            reason = "The token names no tenant.";
            return false;
        }

        if (!ForeignName.TryToId(Value(principal, CallerClaims.ObjectId) ?? Value(principal, CallerClaims.Subject), out var subject))
        {
            reason = "The token names no subject.";
            return false;
        }

        var roles = principal.FindAll(CallerClaims.Roles).Select(c => c.Value).ToFrozenSet(StringComparer.Ordinal);
        var appOnly = IsAppOnly(principal);
        var scopes = appOnly ? ScopesOf(roles) : DelegatedScopes(principal, roles);
        if (scopes.Count == 0)
        {
            reason = "The token carries no scope that is known here.";
            return false;
        }

        reason = null;
        caller = new Caller
        {
            Tenant = tenant,
            Subject = new Subject(appOnly ? SubjectKind.System : SubjectKind.User, subject),
            Scopes = scopes,
            Roles = appOnly ? [] : RoleIds(roles),
            Agents = Words(principal, CallerClaims.Agents).Where(Ids.IsValid).ToFrozenSet(StringComparer.Ordinal),
            Surface = Surface.Http,
            IssuedAt = Milliseconds(principal, CallerClaims.IssuedAtMs) ?? Time(principal, CallerClaims.IssuedAt) ?? DateTimeOffset.MinValue,
            ExpiresAt = Time(principal, CallerClaims.ExpiresAt) ?? DateTimeOffset.MaxValue,
        };
        return true;
    }

    /// <summary>A token without a user. One that says so itself is believed; otherwise only tokens with a user have scopes of their own.</summary>
    private bool IsAppOnly(ClaimsPrincipal principal) => Value(principal, CallerClaims.TokenKind) is { } kind
        ? kind == "app"
        : !principal.HasClaim(c => c.Type == options.ScopeClaim);

    /// <summary>A user's token has what an application was allowed to ask for; <c>admin</c> counts only for a user who is one.</summary>
    private FrozenSet<string> DelegatedScopes(ClaimsPrincipal principal, FrozenSet<string> roles)
    {
        var scopes = ScopesOf(Words(principal, options.ScopeClaim));
        return scopes.Contains(Scopes.Admin) && !roles.Contains(Scopes.Admin)
            ? scopes.Where(s => s != Scopes.Admin).ToFrozenSet(StringComparer.Ordinal)
            : scopes;
    }

    private static FrozenSet<string> ScopesOf(IEnumerable<string> names) =>
        names.Where(KnownScopes.Contains).ToFrozenSet(StringComparer.Ordinal);

    private static FrozenSet<string> RoleIds(FrozenSet<string> roles) =>
        roles.Select(r => ForeignName.TryToId(r, out var id) ? id : null).OfType<string>().ToFrozenSet(StringComparer.Ordinal);

    private static IEnumerable<string> Words(ClaimsPrincipal principal, string claim) =>
        principal.FindAll(claim).SelectMany(c => c.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    // Only what somebody follows: a context that begins and ends in this server would weigh down every event for nobody.
    private static string? TraceParent() =>
        Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity && (activity.HasRemoteParent || activity.Recorded) ? activity.Id : null;

    private static string? Value(ClaimsPrincipal principal, string claim) => principal.FindFirst(claim)?.Value;

    private static DateTimeOffset? Milliseconds(ClaimsPrincipal principal, string claim) =>
        long.TryParse(Value(principal, claim), NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
        && milliseconds <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)
            : null;

    private static DateTimeOffset? Time(ClaimsPrincipal principal, string claim) =>
        long.TryParse(Value(principal, claim), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
        && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;
}
