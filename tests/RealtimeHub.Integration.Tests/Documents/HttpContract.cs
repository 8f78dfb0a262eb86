using System.Text.Json.Nodes;
using RealtimeHub.Integration.Tests.Server;

namespace RealtimeHub.Integration.Tests.Documents;

/// <summary>The OpenAPI document as a judge: whether an answer is one that it announces.</summary>
internal sealed class HttpContract(JsonNode document)
{
    private static readonly Dictionary<string, Task<HttpContract>> Loaded = new(StringComparer.Ordinal);

    /// <summary>The contract that a server serves.</summary>
    public static Task<HttpContract> OfAsync(Uri server)
    {
        lock (Loaded)
        {
            return Loaded.TryGetValue(server.Authority, out var known) ? known : Loaded[server.Authority] = LoadAsync(server);
        }
    }

    /// <summary>What is described of a route; its parameters may have other names there.</summary>
    public JsonNode? OperationOf(string method, string route) => document["paths"]!.AsObject()
        .Where(p => SignatureOf(p.Key) == SignatureOf(route)).Select(p => p.Value![method.ToLowerInvariant()]).SingleOrDefault();

    /// <summary>A route without the names of its parameters.</summary>
    public static string SignatureOf(string route) => string.Join('/', route.Split('/').Select(s => s.StartsWith('{') ? "{}" : s));

    /// <summary>What is wrong with an answer to a call of a route.</summary>
    public IReadOnlyList<string> Errors(HttpMethod method, string route, Answer answer)
    {
        var check = new SchemaCheck(document);
        if (OperationOf(method.Method, route) is not { } operation)
        {
            return [$"{method} {route} is not described"];
        }

        if (operation["responses"]![$"{answer.Status}"] is not JsonObject response)
        {
            return [$"{method} {route} does not announce {answer.Status}"];
        }

        response = (string?)response["$ref"] is { } reference ? check.Resolve(reference) : response;
        return (response["content"], answer.Body) switch
        {
            (null, null) => [],
            (null, _) => [$"{method} {route} announces no body with {answer.Status}"],
            (JsonObject content, _) => content[answer.MediaType ?? ""]?["schema"] is JsonObject schema
                ? check.Errors(answer.Body, schema)
                : [$"{method} {route} does not announce {answer.MediaType}"],
            _ => ["is no description"],
        };
    }

    private static async Task<HttpContract> LoadAsync(Uri server) =>
        new((await new Api(server, token: null).GetAsync("/openapi/v1.json")).Ok());
}
