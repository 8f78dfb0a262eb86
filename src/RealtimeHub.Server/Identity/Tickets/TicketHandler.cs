using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace RealtimeHub.Server.Identity.Tickets;

/// <summary>Authenticates hub requests by connection ticket, from the Authorization header or, as browsers must, from the query.</summary>
internal sealed class TicketHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory logger,
    UrlEncoder encoder,
    ConnectionTickets tickets,
    CallerFactory callers,
    TicketConnections connections) : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(Authenticate());

    private AuthenticateResult Authenticate()
    {
        if ((Credentials.Bearer(Request) ?? Credentials.HubQuery(Context)) is not { } text)
        {
            return AuthenticateResult.NoResult();
        }

        if (tickets.Read(text) is not { } ticket)
        {
            return AuthenticateResult.Fail(Credentials.IsJwt(text)
                ? "A token in a query is not accepted: connect by negotiate, which answers with a connection ticket."
                : "The token is not valid.");
        }

        if (Context.GetEndpoint()?.Metadata.GetMetadata<TicketedHub>()?.Path != ticket.Hub)
        {
            return AuthenticateResult.Fail("The connection ticket is for another hub.");
        }

        var now = TimeProvider.GetUtcNow().ToUnixTimeMilliseconds();
        if (now >= ticket.EndsAt)
        {
            return AuthenticateResult.Fail("The token that the connection ticket was made for has expired.");
        }

        var connection = Request.Query["id"].ToString();
        var accepted = connection.Length == 0 ? now < ticket.OpensUntil : connections.MayUse(connection, ticket);
        return accepted
            ? Accept(ticket)
            : AuthenticateResult.Fail("The connection ticket has expired, or the connection was opened with another one.");
    }

    private AuthenticateResult Accept(ConnectionTicket ticket)
    {
        var claims = ticket.Claims.SelectMany(pair => pair.Value.Select(value => new Claim(pair.Key, value)));
        if (callers.TryAccept(new ClaimsPrincipal(new ClaimsIdentity(claims, Scheme.Name)), out var reason) is not { } principal)
        {
            return AuthenticateResult.Fail(reason!);
        }

        var properties = new AuthenticationProperties { ExpiresUtc = DateTimeOffset.FromUnixTimeMilliseconds(ticket.EndsAt) };
        properties.SetParameter(nameof(ConnectionTicket), ticket);
        return AuthenticateResult.Success(new AuthenticationTicket(principal, properties, Scheme.Name));
    }
}
