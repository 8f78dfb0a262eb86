using System.Security.Claims;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Server.Identity;

/// <summary>What stays of a token once it is validated: the claims that make a caller, and the caller.</summary>
/// <remarks>
/// A connection keeps its identity for hours. A token with every claim that nobody looks at was a third of an idle connection's memory;
/// that is also why claims are made when somebody asks for them.
/// </remarks>
internal sealed class CallerIdentity(
    IReadOnlyList<KeyValuePair<string, string>> values, string? authenticationType, Caller caller)
    : ClaimsIdentity(claims: null, authenticationType, CallerClaims.Subject, CallerClaims.Roles)
{
    private IReadOnlyList<KeyValuePair<string, string>> values = values;

    /// <summary>Who it is, on no surface in particular.</summary>
    public Caller Caller { get; } = caller;

    /// <inheritdoc />
    public override IEnumerable<Claim> Claims => values.Select(value => new Claim(value.Key, value.Value));

    /// <summary>Forgets the claims: whoever has been let in is its caller from now on.</summary>
    public void KeepCallerAlone() => values = [];
}
