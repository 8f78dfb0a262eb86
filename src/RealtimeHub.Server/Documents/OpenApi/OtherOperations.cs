using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.OpenApi;
using RealtimeHub.Server.Documents.Schemas;

namespace RealtimeHub.Server.Documents.OpenApi;

/// <summary>The routes behind which no request type stands, as their own metadata describes them: summary, tags, answers, what they take.</summary>
internal sealed class OtherOperations(OpenApiDocument document, SchemaSet schemas, ErrorResponses errors, EndpointDataSource endpoints)
{
    /// <summary>Every route that is not left out of descriptions; hubs are described elsewhere.</summary>
    public IEnumerable<(HttpMethod Method, string Route, OpenApiOperation Operation)> All() =>
        from endpoint in endpoints.Endpoints.OfType<RouteEndpoint>()
        where endpoint.Metadata.GetMetadata<IExcludeFromDescriptionMetadata>() is null
        let route = "/" + endpoint.RoutePattern.RawText!.TrimStart('/')
        where !route.StartsWith("/hubs/", StringComparison.Ordinal)
        from method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? [HttpMethods.Get]
        select (HttpMethod.Parse(method), route, Of(endpoint, method, route));

    private OpenApiOperation Of(RouteEndpoint endpoint, string method, string route)
    {
        var metadata = endpoint.Metadata;
        var isAnonymous = metadata.GetMetadata<IAllowAnonymous>() is not null || metadata.GetMetadata<IAuthorizeData>() is null;
        var operation = new OpenApiOperation
        {
            OperationId = metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName ?? NameOf(method, route),
            Summary = metadata.GetMetadata<IEndpointSummaryMetadata>()?.Summary,
            Description = metadata.GetMetadata<IEndpointDescriptionMetadata>()?.Description,
            Tags = (metadata.GetMetadata<ITagsMetadata>()?.Tags ?? ["Server"]).Select(t => new OpenApiTagReference(t, document)).ToHashSet(),
            Security = isAnonymous ? [new()] : [new() { [new OpenApiSecuritySchemeReference(OperationsTransformer.Bearer, document)] = [] }],
            Parameters = [.. RouteMembers.ParametersOf(route).Select(name => new OpenApiParameter
            {
                Name = name, In = ParameterLocation.Path, Required = true, Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            })],
            Responses = [],
        };
        if (metadata.GetMetadata<TakesBody>() is { } body)
        {
            operation.RequestBody = new OpenApiRequestBody
            {
                Required = true,
                Content = (body.MediaTypes is { Length: > 0 } types ? types : ["application/json"])
                    .ToDictionary(t => t, _ => MediaType(schemas.Request(body.Type)), StringComparer.Ordinal),
            };
        }

        foreach (var (status, type, mediaTypes) in AnswersOf(metadata))
        {
            if (status >= 400 && (type is null || type == typeof(Microsoft.AspNetCore.Mvc.ProblemDetails)))
            {
                var (name, response) = errors.Of(status);
                operation.Responses[name] = response;
                continue;
            }

            operation.Responses[status.ToString()] = new OpenApiResponse
            {
                Description = ErrorResponses.PhraseOf(status),
                Content = type is null || type == typeof(void) ? null : mediaTypes.ToDictionary(t => t, _ => MediaType(schemas.Wire(type)), StringComparer.Ordinal),
            };
        }

        foreach (var status in (int[])[.. isAnonymous ? (int[])[] : [401, 403], 429, 500])
        {
            var (name, response) = errors.Of(status);
            operation.Responses.TryAdd(name, response);
        }

        return operation;
    }

    // Minimal endpoints and actions say the same in two ways.
    private static List<(int Status, Type? Type, IEnumerable<string> MediaTypes)> AnswersOf(EndpointMetadataCollection metadata)
    {
        var answers = metadata.OfType<IProducesResponseTypeMetadata>().Select(p => (p.StatusCode, p.Type, p.ContentTypes))
            .Concat(metadata.OfType<IApiResponseMetadataProvider>().Where(p => p is not IProducesResponseTypeMetadata)
                .Select(p => (p.StatusCode, p.Type, Enumerable.Empty<string>())))
            .DistinctBy(a => a.StatusCode)
            .OrderBy(a => a.StatusCode)
            .Select(a => (a.StatusCode, a.Type, a.Item3.Any() ? a.Item3 : ["application/json"]))
            .ToList();
        return answers.Exists(a => a.StatusCode < 400) ? answers : [(StatusCodes.Status200OK, null, []), .. answers];
    }

    private static string NameOf(string method, string route) =>
        string.Concat(route.Split('/', '-', '.', '_').Prepend(method.ToLowerInvariant()).Select(w => w.Trim('{', '}', '*'))
            .Where(w => w.Length > 0).Select(w => char.ToUpperInvariant(w[0]) + w[1..]));

    private OpenApiMediaType MediaType(JsonObject schema) => new() { Schema = OpenApiSchemas.Read(schema, document) };
}
