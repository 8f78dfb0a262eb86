using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using RealtimeHub.Contracts;
using RealtimeHub.Core;
using RealtimeHub.Server.Errors;
using RealtimeHub.Server.Hubs;

namespace RealtimeHub.Server.Controllers;

/// <summary>Binds an HTTP call to the very request that the hubs take: members come from the route, the query, the body and one header.</summary>
/// <remarks>A member that is given twice must be given the same; what is unknown or ill-typed is refused with its path, as on a hub.</remarks>
internal sealed class RequestBinder(Limits limits)
{
    private const string KeyMember = "idempotencyKey";

    /// <summary>The request, or why there is none.</summary>
    /// <param name="http">The call.</param>
    /// <param name="route">Members from the route: path inside the request, as <c>participant.kind</c>, and value.</param>
    /// <param name="bodyIs">The member that the body may also be by itself: <c>{ "role": … }</c> for <c>{ "participant": { "role": … } }</c>.</param>
    /// <param name="read">Makes the request's JSON of a body in another format.</param>
    public async ValueTask<(T? Request, Error? Error)> BindAsync<T>(
        HttpContext http, IReadOnlyList<(string Path, string Value)> route, string? bodyIs = null,
        Func<JsonElement, (JsonElement, Error?)>? read = null)
        where T : class
    {
        var (json, error) = HttpMethods.IsGet(http.Request.Method) ? ReadQuery<T>(http.Request.Query) : await ReadBodyAsync(http);
        if (error is not null)
        {
            return (null, error);
        }

        IReadOnlyList<(string, string)> given =
            typeof(T).IsAssignableTo(typeof(IKeyedRequest)) && http.Request.Headers.TryGetValue("Idempotency-Key", out var key)
                ? [.. route, (KeyMember, key.ToString())]
                : route;
        try
        {
            var body = BodyMembers.Parse(json);
            if (read is not null)
            {
                (body, error) = read(body);
            }

            return error is null ? Bind<T>(body, given, bodyIs) : (null, error);
        }
        catch (JsonException e)
        {
            return (null, BindingErrors.Of(e));
        }
        catch (InvalidOperationException)
        {
            return (null, BindingErrors.Unreadable); // half a surrogate pair in a name
        }
    }

    private static (T?, Error?) Bind<T>(JsonElement body, IReadOnlyList<(string Path, string Value)> given, string? bodyIs)
        where T : class
    {
        if (body.ValueKind != JsonValueKind.Object)
        {
            return (null, BindingErrors.NotAnObject);
        }

        if (bodyIs is not null && (!body.TryGetProperty(bodyIs, out var itself) || BodyMembers.IsNull(itself)))
        {
            body = BodyMembers.Wrap(body, bodyIs, outside: KeyMember);
        }

        var (json, error) = BodyMembers.Merge(body, given);
        var bound = error is null ? Body<T>.Bind(json) : Body<T>.Unbound(error);
        return (bound.Value, bound.Error);
    }

    private async ValueTask<(ReadOnlyMemory<byte>, Error?)> ReadBodyAsync(HttpContext http)
    {
        if (http.Request.Query.FirstOrDefault().Key is { } parameter)
        {
            return (default, Error.Invalid(parameter, "belongs into the body"));
        }

        if (http.Request.ContentLength > limits.BodyBytes)
        {
            return (default, TooLarge());
        }

        using var buffer = new MemoryStream();
        var chunk = new byte[16 * 1024];
        int read;
        try
        {
            while ((read = await http.Request.Body.ReadAsync(chunk, http.RequestAborted)) > 0)
            {
                if (buffer.Length + read > limits.BodyBytes)
                {
                    return (default, TooLarge());
                }

                buffer.Write(chunk, 0, read);
            }
        }
        catch (BadHttpRequestException e)
        {
            // It ended early, came too slowly, or was longer than the server takes at all.
            return (default, e.StatusCode == StatusCodes.Status413PayloadTooLarge ? TooLarge() : BindingErrors.Incomplete);
        }

        return (buffer.Length == 0 ? "{}"u8.ToArray() : buffer.GetBuffer().AsMemory(0, (int)buffer.Length), null);
    }

    private static (ReadOnlyMemory<byte>, Error?) ReadQuery<T>(IQueryCollection query)
    {
        var type = ContractsJson.RequestType<T>();
        var members = new JsonObject();
        foreach (var (name, values) in query)
        {
            if (values.Count != 1)
            {
                return (default, Error.Invalid(name, "must be given once"));
            }

            members[name] = IsNumber(type, name) && int.TryParse(values[0], out var number) ? JsonValue.Create(number) : JsonValue.Create(values[0]);
        }

        return (System.Text.Encoding.UTF8.GetBytes(members.ToJsonString()), null);
    }

    private static bool IsNumber(JsonTypeInfo type, string name) =>
        type.Properties.FirstOrDefault(p => p.Name == name)?.PropertyType is { } property
        && (Nullable.GetUnderlyingType(property) ?? property) == typeof(int);

    private Error TooLarge() => Error.TooLarge($"A body has at most {limits.BodyBytes} bytes.");
}
