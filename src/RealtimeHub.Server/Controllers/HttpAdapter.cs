using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using MediatR;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Pipeline;
using RealtimeHub.Server.Errors;
using RealtimeHub.Server.Identity;

namespace RealtimeHub.Server.Controllers;

/// <summary>The thin adapter between HTTP and the pipeline: bind, send, answer.</summary>
internal sealed class HttpAdapter(ISender sender, RequestBinder binder)
{
    /// <summary>Carries out a request. Success is the bare value: 201 when something was made, 204 when there is none, else 200.</summary>
    /// <param name="http">The call.</param>
    /// <param name="route">Members from the route; see <see cref="RequestBinder"/>.</param>
    /// <param name="made">Where what was made can be found; null from it: made, and found nowhere.</param>
    /// <param name="bodyIs">The member that the body may be by itself.</param>
    /// <param name="read">Makes the request's JSON of a body in another format; null where it is the request's own.</param>
    public async Task<IResult> SendAsync<TRequest, TValue>(
        HttpContext http, IReadOnlyList<(string Path, string Value)>? route = null, Func<TValue, Created?>? made = null, string? bodyIs = null,
        Func<JsonElement, (JsonElement, Error?)>? read = null)
        where TRequest : class
    {
        if (HasBody(http) && !IsJson(http.Request, isOwn: read is null))
        {
            return Problems.Result(
                new Error(ErrorCode.InvalidRequest, "The body must be application/json in UTF-8."), StatusCodes.Status415UnsupportedMediaType);
        }

        var reply = await ReplyAsync<TRequest, TValue>(http, route ?? [], bodyIs, read);
        if (reply.Error is { } error)
        {
            return Problems.Result(error);
        }

        if (reply.Seq is { } sequence)
        {
            http.Response.Headers["Event-Sequence"] = sequence.ToString();
        }

        if (reply.Value is null or Empty)
        {
            return Results.NoContent();
        }

        if (made?.Invoke(reply.Value) is not { } created)
        {
            return Json(reply.Value);
        }

        http.Response.Headers.Location = created.Location;
        return Json(reply.Value, StatusCodes.Status201Created);
    }

    /// <summary>The state of a topic by itself: GET of one thing. The caller gave its <c>id</c>, and is told of that.</summary>
    public async Task<IResult> StateAsync(HttpContext http, Topic topic)
    {
        var reply = Ids.IsValid(topic.Id)
            ? await ReplyAsync<GetSnapshot, TopicSnapshot>(http, [("topic", topic.ToString())], bodyIs: null, read: null)
            : await SendAsync(Call<GetSnapshot, TopicSnapshot>.Unbound(CallerOf(http), Error.Invalid("id", "must be 1 to 64 of A-Z, a-z, 0-9, _ and -")));
        return reply.Error is { } error ? Problems.Result(error) : Results.Text(reply.Value!.State.GetRawText(), "application/json");
    }

    private async Task<Reply<TValue>> ReplyAsync<TRequest, TValue>(
        HttpContext http, IReadOnlyList<(string Path, string Value)> route, string? bodyIs, Func<JsonElement, (JsonElement, Error?)>? read)
        where TRequest : class
    {
        var (request, error) = await binder.BindAsync<TRequest>(http, route, bodyIs, read);
        return await SendAsync(error is null ? new Call<TRequest, TValue>(CallerOf(http), request!) : Call<TRequest, TValue>.Unbound(CallerOf(http), error));
    }

    // Not the HTTP call's own token: what was begun is finished, so that a caller who left finds out by its key.
    private Task<Reply<TValue>> SendAsync<TRequest, TValue>(Call<TRequest, TValue> call)
        where TRequest : class => sender.Send(call, CancellationToken.None);

    private static Caller CallerOf(HttpContext http) => CallerFactory.Create(http.User, Surface.Http);

    private static bool HasBody(HttpContext http) => http.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true;

    private static bool IsJson(HttpRequest request, bool isOwn) =>
        request.GetTypedHeaders().ContentType is { } type && (!isOwn || type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase))
        && (!type.Charset.HasValue || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase));

    private static IResult Json<T>(T value, int status = StatusCodes.Status200OK) =>
        Results.Json(value, (JsonTypeInfo<T>)ContractsJson.Wire.GetTypeInfo(typeof(T)), statusCode: status);
}

/// <summary>Something was made; <paramref name="Location"/> is null where no GET exists for it.</summary>
internal sealed record Created(string? Location);
