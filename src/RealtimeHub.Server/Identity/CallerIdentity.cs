using System.Security.Claims;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Server.Identity;

/// <summary>What stays of a token once it is validated: the claims that make a caller, and the caller.</summary>
/// <remarks>
/// A connection keeps its identity for hours. The token itself, with every claim that nobody looks at, was a third of an idle connection's
/// memory.
/// </remarks>
internal sealed class CallerIdentity(IEnumerable<Claim> claims, string? authenticationType, Caller caller)
    : ClaimsIdentity(claims, authenticationType, CallerClaims.Subject, CallerClaims.Roles)
{
    /// <summary>Who it is, on no surface in particular.</summary>
    public Caller Caller => caller;
}
