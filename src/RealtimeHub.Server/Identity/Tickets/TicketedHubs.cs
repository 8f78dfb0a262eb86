using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR;
using RealtimeHub.Contracts;
using RealtimeHub.Server.Errors;

namespace RealtimeHub.Server.Identity.Tickets;

/// <summary>Endpoint metadata: this is (the negotiation of) the hub with that path.</summary>
internal sealed record TicketedHub(string Path);

/// <summary>Hubs whose negotiation trades a bearer token for a connection ticket.</summary>
internal static class TicketedHubs
{
    /// <summary>
    /// Maps a hub for authenticated callers. A caller with a bearer header is redirected with a ticket, which stock clients
    /// follow by themselves; one with a ticket or a cookie negotiates. The connection ends with the token.
    /// </summary>
    public static HubEndpointConventionBuilder MapTicketedHub<THub>(
        this IEndpointRouteBuilder endpoints,
        string path,
        Action<HttpConnectionDispatcherOptions>? configure = null)
        where THub : Hub
    {
        var hub = new TicketedHub(path);
        var builder = endpoints.MapHub<THub>(path, options =>
        {
            configure?.Invoke(options);
            options.CloseOnAuthenticationExpiration = true;
        });
        builder.RequireAuthorization();

        // MapHub's own endpoints are wrapped. A second route with the negotiation's pattern would answer the ticket's
        // negotiation with a redirect too, and the client would follow it for ever.
        builder.Add(endpoint =>
        {
            endpoint.Metadata.Add(hub);
            var original = endpoint.RequestDelegate!;
            endpoint.RequestDelegate = endpoint.Metadata.OfType<NegotiateMetadata>().Any()
                ? context => NegotiateAsync(context, hub, original)
                : context => ConnectAsync(context, original);
        });
        return builder;
    }

    private static Task NegotiateAsync(HttpContext context, TicketedHub hub, RequestDelegate original)
    {
        var result = context.Features.Get<IAuthenticateResultFeature>()?.AuthenticateResult;
        if (TicketOf(result) is { } ticket)
        {
            return NegotiateWithTicketAsync(context, ticket, original);
        }

        return Credentials.Bearer(context.Request) is not null && result is { Succeeded: true, Properties.ExpiresUtc: { } endsAt }
            ? RedirectAsync(context, hub, endsAt)
            : original(context);
    }

    private static Task RedirectAsync(HttpContext context, TicketedHub hub, DateTimeOffset tokenEndsAt)
    {
        var services = context.RequestServices;
        var ticket = services.GetRequiredService<ConnectionTickets>().Issue(context.User, hub.Path, tokenEndsAt);
        var request = context.Request;
        var origin = services.GetRequiredService<IdentityOptions>().PublicUrl ?? $"{request.Scheme}://{request.Host}{request.PathBase}";

        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsJsonAsync(
            new NegotiationRedirect(origin + hub.Path, ticket), NegotiationJson.Default.NegotiationRedirect, contentType: null, context.RequestAborted);
    }

    /// <summary>Negotiates, and remembers the connection that SignalR made: its later requests outlive the ticket.</summary>
    private static async Task NegotiateWithTicketAsync(HttpContext context, ConnectionTicket ticket, RequestDelegate original)
    {
        var connections = context.RequestServices.GetRequiredService<TicketConnections>();
        var response = context.Response;
        var body = response.Body;
        using var answer = new MemoryStream();
        response.Body = answer;
        try
        {
            await original(context);
        }
        finally
        {
            response.Body = body;
        }

        if (ConnectionTokenOf(answer) is { } connection && !connections.TryRemember(connection, ticket))
        {
            response.Clear();
            await Problems.WriteAsync(context, new Error(ErrorCode.Unavailable, "This node has as many connections as it can remember."));
            return;
        }

        answer.Position = 0;
        await answer.CopyToAsync(body, context.RequestAborted);
    }

    private static string? ConnectionTokenOf(MemoryStream answer)
    {
        if (answer.Length == 0)
        {
            return null;
        }

        // Version 0 of the negotiation has no connection token; there the id serves as one.
        var negotiated = JsonSerializer.Deserialize(answer.GetBuffer().AsSpan(0, (int)answer.Length), NegotiationJson.Default.NegotiatedConnection);
        return negotiated?.ConnectionToken ?? negotiated?.ConnectionId;
    }

    private static async Task ConnectAsync(HttpContext context, RequestDelegate original)
    {
        try
        {
            await original(context);
        }
        finally
        {
            var connection = context.Request.Query["id"].ToString();
            if (connection.Length > 0 && Ended(context))
            {
                context.RequestServices.GetRequiredService<TicketConnections>().Forget(connection);
            }
        }
    }

    /// <summary>Whether the connection ended with this request: a WebSocket or event stream that is over, a poll without a next one, a goodbye.</summary>
    private static bool Ended(HttpContext context) =>
        TicketOf(context.Features.Get<IAuthenticateResultFeature>()?.AuthenticateResult) is not null
        && (HttpMethods.IsDelete(context.Request.Method)
            || context.WebSockets.IsWebSocketRequest
            || context.Response.StatusCode is StatusCodes.Status204NoContent or StatusCodes.Status404NotFound
            || context.Response.ContentType == "text/event-stream");

    private static ConnectionTicket? TicketOf(AuthenticateResult? result) =>
        result?.Properties?.GetParameter<ConnectionTicket>(nameof(ConnectionTicket));
}
