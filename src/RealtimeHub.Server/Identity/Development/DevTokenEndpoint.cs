using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Primitives;
using RealtimeHub.Contracts;
using RealtimeHub.Server.Documents.OpenApi;
using RealtimeHub.Server.Errors;

namespace RealtimeHub.Server.Identity.Development;

/// <summary><c>POST /auth/dev-token</c>.</summary>
internal static class DevTokenEndpoint
{
    private const int MaxBodyBytes = 64 * 1024;

    private static readonly JsonSerializerOptions Requests = new(ContractsJson.Requests) { TypeInfoResolver = DevTokenJson.Default };
    private static readonly JsonSerializerOptions Wire = new(ContractsJson.Wire) { TypeInfoResolver = DevTokenJson.Default };

    /// <summary>Maps the route.</summary>
    public static void Map(WebApplication app) => app.MapPost("/auth/dev-token", HandleAsync)
        .AllowAnonymous()
        .WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes))
        .WithName("CreateDevToken").WithTags("Identity")
        .WithSummary("A token for whoever asks: of the development issuer alone, for callers on its own machine.")
        .WithMetadata(new TakesBody(typeof(DevTokenRequest)))
        .Produces<DevTokenResponse>()
        .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status403Forbidden)
        .ProducesProblem(StatusCodes.Status413PayloadTooLarge).ProducesProblem(StatusCodes.Status415UnsupportedMediaType);

    private static async Task<IResult> HandleAsync(HttpContext context, DevelopmentIssuer issuer, IdentityOptions options)
    {
        if (!options.DevIssuerAnywhere && !IsLocal(context))
        {
            return Problems.Result(Error.Forbidden(
                "The development issuer answers callers on its own machine only; Authentication__DevIssuerAnywhere=true changes that."));
        }

        // A page of another origin can send anything else than JSON, or no type at all, without asking the browser first.
        if (!context.Request.HasJsonContentType())
        {
            return Problems.Result(new Error(ErrorCode.InvalidRequest, "The body must be application/json."), StatusCodes.Status415UnsupportedMediaType);
        }

        var (request, error) = await ReadAsync(context);
        if ((error ?? request!.Validate()) is { } wrong)
        {
            return Problems.Result(wrong);
        }

        context.Response.Headers.CacheControl = "no-store";
        return Results.Json(await issuer.IssueAsync(request!, context.RequestAborted), Wire);
    }

    private static async Task<(DevTokenRequest?, Error?)> ReadAsync(HttpContext context)
    {
        try
        {
            return await JsonSerializer.DeserializeAsync<DevTokenRequest>(context.Request.Body, Requests, context.RequestAborted) is { } request
                ? (request, null)
                : (null, Error.Invalid("$", "must be an object"));
        }
        catch (JsonException failure)
        {
            var path = failure.Path is null or "$" ? "$" : failure.Path.TrimStart('$').TrimStart('.');
            return (null, Error.Invalid(path, "is unknown, malformed or of the wrong type"));
        }
        catch (BadHttpRequestException failure) when (failure.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return (null, Error.TooLarge($"The body is over {MaxBodyBytes} bytes."));
        }
    }

    /// <summary>Whether the caller is a program on this machine, as far as can be told.</summary>
    /// <remarks>
    /// A proxy on this machine makes every caller look local, but adds a forwarding header. A page whose name was pointed at
    /// 127.0.0.1 (DNS rebinding) reaches us through the user's browser, but with its own name in the Host header.
    /// </remarks>
    private static bool IsLocal(HttpContext context)
    {
        var headers = context.Request.Headers;
        return IsLoopback(context.Connection.RemoteIpAddress)
            && StringValues.IsNullOrEmpty(headers["X-Forwarded-For"])
            && StringValues.IsNullOrEmpty(headers["Forwarded"])
            && IsLoopbackHost(context.Request.Host.Host);
    }

    private static bool IsLoopback(IPAddress? address) =>
        address is not null && IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);

    private static bool IsLoopbackHost(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host, out var address) && IsLoopback(address));
}
