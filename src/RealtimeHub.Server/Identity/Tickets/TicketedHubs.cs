using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Pipeline;
using RealtimeHub.Server.Admission;
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
                ? HubRefusals.OnlyPost(context => NegotiateAsync(context, hub, original))
                : HubRefusals.Tell(context => ConnectAsync(context, original));
        });
        return builder;
    }

    private static Task NegotiateAsync(HttpContext context, TicketedHub hub, RequestDelegate original)
    {
        var services = context.RequestServices;
        var slots = services.GetRequiredService<ConnectionSlots>();
        var holder = SlotHolder.Of(CallerFactory.Create(context.User, Surface.Http));
        var result = context.Features.Get<IAuthenticateResultFeature>()?.AuthenticateResult;
        if (TicketOf(result) is null && Credentials.Bearer(context.Request) is not null && result is { Succeeded: true, Properties.ExpiresUtc: { } endsAt })
        {
            // Nothing is kept of a redirect, so nothing is counted; who is full need not go on.
            return slots.HasRoom(holder) ? RedirectAsync(context, hub, endsAt) : Problems.WriteAsync(context, slots.Refusal);
        }

        return slots.TryTake(holder) is { } slot
            ? NegotiateConnectionAsync(context, TicketOf(result), slot, original)
            : Problems.WriteAsync(context, slots.Refusal);
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

    /// <summary>Negotiates, and remembers the connection that SignalR made: it has a slot, and its later requests outlive the ticket.</summary>
    private static async Task NegotiateConnectionAsync(HttpContext context, ConnectionTicket? ticket, ConnectionSlot slot, RequestDelegate original)
    {
        var response = context.Response;
        var body = response.Body;
        using var answer = new MemoryStream();
        response.Body = answer;
        try
        {
            await original(context);
            if (Negotiated(answer) is { ConnectionId: { } id } made)
            {
                // Version 0 of the negotiation has no connection token; there the id serves as one.
                if (ticket is not null && !context.RequestServices.GetRequiredService<TicketConnections>().TryRemember(made.ConnectionToken ?? id, ticket))
                {
                    response.Clear();
                    response.Body = body;
                    await Problems.WriteAsync(context, new Error(ErrorCode.Unavailable, "This node has as many connections as it can remember."));
                    return;
                }

                slot.KeepFor(id);
            }
        }
        finally
        {
            response.Body = body;
            slot.DisposeUnlessKept();
        }

        answer.Position = 0;
        await answer.CopyToAsync(body, context.RequestAborted);
    }

    private static NegotiatedConnection? Negotiated(MemoryStream answer) => answer.Length == 0
        ? null
        : JsonSerializer.Deserialize(answer.GetBuffer().AsSpan(0, (int)answer.Length), NegotiationJson.Default.NegotiatedConnection);

    private static async Task ConnectAsync(HttpContext context, RequestDelegate original)
    {
        // Both have served: a connection does not carry its token about for hours.
        context.Request.Headers.Authorization = default;
        (context.User.Identity as CallerIdentity)?.KeepCallerAlone();
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
