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

    private static readonly JsonDocumentOptions BodyOptions = new() { MaxDepth = 64, AllowDuplicateProperties = false };

    private static readonly JsonSerializerOptions NodeOptions = new(ContractsJson.Wire) { TypeInfoResolver = new DefaultJsonTypeInfoResolver(), MaxDepth = 64 };

    /// <summary>The request, or why there is none.</summary>
    /// <param name="http">The call.</param>
    /// <param name="route">Members from the route: path inside the request, as <c>participant.kind</c>, and value.</param>
    /// <param name="bodyIs">The member that the body may also be by itself: <c>{ "role": … }</c> for <c>{ "participant": { "role": … } }</c>.</param>
    public async ValueTask<(T? Request, Error? Error)> BindAsync<T>(
        HttpContext http, IReadOnlyList<(string Path, string Value)> route, string? bodyIs = null)
        where T : class
    {
        var (members, error) = HttpMethods.IsGet(http.Request.Method) ? ReadQuery<T>(http.Request.Query) : await ReadBodyAsync(http);
        if (error is null && bodyIs is not null && !members!.ContainsKey(bodyIs))
        {
            members = new JsonObject { [bodyIs] = members };
        }

        error ??= Merge(members!, route);
        if (error is null && typeof(T).IsAssignableTo(typeof(IKeyedRequest)) && http.Request.Headers.TryGetValue("Idempotency-Key", out var key))
        {
            error = Merge(members!, [(KeyMember, key.ToString())]);
        }

        return error is null ? Bind<T>(members!) : (null, error);
    }

    // Once the members are together they are bound as on a hub.
    private static (T?, Error?) Bind<T>(JsonObject members)
        where T : class
    {
        try
        {
            var body = Body<T>.Bind(JsonSerializer.SerializeToUtf8Bytes(members, NodeOptions));
            return (body.Value, body.Error);
        }
        catch (InvalidOperationException)
        {
            return (null, BindingErrors.Unreadable); // half a surrogate pair in a string
        }
    }

    private async ValueTask<(JsonObject?, Error?)> ReadBodyAsync(HttpContext http)
    {
        if (http.Request.ContentLength > limits.BodyBytes)
        {
            return (null, TooLarge());
        }

        if (http.Request.ContentLength is not (null or 0) && !http.Request.HasJsonContentType())
        {
            return (null, Error.Invalid("Content-Type", "must be application/json"));
        }

        using var buffer = new MemoryStream();
        var chunk = new byte[16 * 1024];
        int read;
        while ((read = await http.Request.Body.ReadAsync(chunk, http.RequestAborted)) > 0)
        {
            if (buffer.Length + read > limits.BodyBytes)
            {
                return (null, TooLarge());
            }

            buffer.Write(chunk, 0, read);
        }

        return buffer.Length == 0 ? (new JsonObject(), null) : Parse(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
    }

    private static (JsonObject?, Error?) Parse(ReadOnlySpan<byte> body)
    {
        try
        {
            return JsonNode.Parse(body, documentOptions: BodyOptions) is JsonObject members
                ? (members, null)
                : (null, BindingErrors.NotAnObject);
        }
        catch (JsonException e)
        {
            return (null, BindingErrors.Of(e));
        }
    }

    private static (JsonObject?, Error?) ReadQuery<T>(IQueryCollection query)
    {
        var type = ContractsJson.RequestType<T>();
        var members = new JsonObject();
        foreach (var (name, values) in query)
        {
            if (values.Count != 1)
            {
                return (null, Error.Invalid(name, "must be given once"));
            }

            members[name] = IsNumber(type, name) && int.TryParse(values[0], out var number) ? JsonValue.Create(number) : JsonValue.Create(values[0]);
        }

        return (members, null);
    }

    private static bool IsNumber(JsonTypeInfo type, string name) =>
        type.Properties.FirstOrDefault(p => p.Name == name)?.PropertyType is { } property
        && (Nullable.GetUnderlyingType(property) ?? property) == typeof(int);

    private static Error? Merge(JsonObject members, IReadOnlyList<(string Path, string Value)> given)
    {
        foreach (var (path, value) in given)
        {
            var target = members;
            var names = path.Split('.');
            foreach (var name in names[..^1])
            {
                if (target[name] is not (null or JsonObject))
                {
                    return Error.Invalid(name, "must be an object");
                }

                target = (JsonObject)(target[name] ??= new JsonObject());
            }

            if (target[names[^1]] is { } present && !(present is JsonValue v && v.TryGetValue<string>(out var text) && text == value))
            {
                return Error.Invalid(path, "is given twice and differs");
            }

            target[names[^1]] = value;
        }

        return null;
    }

    private Error TooLarge() => Error.TooLarge($"A body has at most {limits.BodyBytes} bytes.");
}
