using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using RealtimeHub.Server.Documents.Schemas;

namespace RealtimeHub.Server.Documents.OpenApi;

/// <summary>Fills the OpenAPI document from what the use cases and the routes declare, so that a new one is in it by itself.</summary>
internal sealed class OperationsTransformer(SchemaSource source, EndpointDataSource endpoints) : IOpenApiDocumentTransformer
{
    /// <summary>The name of the security scheme.</summary>
    public const string Bearer = "bearer";

    public Task TransformAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        var schemas = new SchemaSet(source, OpenApiSchemas.Home);
        ProblemSchema.AddTo(schemas);
        document.Info = new OpenApiInfo
        {
            Title = "RealtimeHub",
            Version = "v1",
            Description = "Commands, history, snapshots and lists over HTTP. The same requests are methods of the hubs, which AsyncAPI describes: /asyncapi/v1.json. "
                + "A success is the bare value; an error is application/problem+json, and its `code` is what programs read.",
        };
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal)
        {
            [Bearer] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", BearerFormat = "JWT" },
        };
        var errors = new ErrorResponses(document, source.Summaries);
        document.Paths = [];
        foreach (var group in new UseCaseOperations(document, source, schemas, errors).All()
            .Concat(new OtherOperations(document, schemas, errors, endpoints).All())
            .DistinctBy(o => (o.Method, o.Route))
            .GroupBy(o => SignatureOf(o.Route), StringComparer.Ordinal)
            .OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            var route = group.Select(o => o.Route).Min(StringComparer.Ordinal)!;
            var path = new OpenApiPathItem();
            foreach (var (method, own, operation) in group.OrderBy(o => o.Method.Method, StringComparer.Ordinal))
            {
                Rename(operation, RouteMembers.ParametersOf(own).Zip(RouteMembers.ParametersOf(route)));
                path.AddOperation(method, operation);
            }

            document.Paths[route] = path;
        }

        document.Tags = new HashSet<OpenApiTag>(document.Paths.Values.SelectMany(p => p.Operations!.Values)
            .SelectMany(o => o.Tags!).Select(t => t.Reference.Id!).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)
            .Select(name => new OpenApiTag { Name = name }));
        document.Components.Schemas = schemas.ToJson().ToDictionary(
            s => s.Key, s => OpenApiSchemas.Read((JsonObject)s.Value!, document), StringComparer.Ordinal);
        errors.AddTo(document.Components);
        return Task.CompletedTask;
    }

    // Routes that differ in the names of their parameters alone are one path to OpenAPI, which has one set of names.
    private static string SignatureOf(string route) => string.Join('/', route.Split('/').Select(s => s.StartsWith('{') ? "{}" : s));

    private static void Rename(OpenApiOperation operation, IEnumerable<(string From, string To)> names)
    {
        foreach (var (from, to) in names)
        {
            operation.Parameters!.OfType<OpenApiParameter>().First(p => p.In == ParameterLocation.Path && p.Name == from).Name = to;
        }
    }
}
