using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using Microsoft.OpenApi.Reader;

namespace RealtimeHub.Server.Documents.OpenApi;

/// <summary>JSON Schemas in the OpenAPI library's own form.</summary>
internal static class OpenApiSchemas
{
    /// <summary>Where an OpenAPI document keeps its schemas.</summary>
    public const string Home = "#/components/schemas/";

    /// <summary>The schema; a reference stays one.</summary>
    public static IOpenApiSchema Read(JsonObject schema, OpenApiDocument document)
    {
        if (schema is { Count: 1 } && (string?)schema["$ref"] is { } reference)
        {
            return new OpenApiSchemaReference(reference[Home.Length..], document);
        }

        var read = OpenApiModelFactory.Parse<OpenApiSchema>(
            schema.ToJsonString(), OpenApiSpecVersion.OpenApi3_1, document, out var diagnostic, OpenApiConstants.Json);
        return read is not null && diagnostic is not { Errors.Count: > 0 }
            ? read
            : throw new InvalidOperationException($"No OpenAPI schema: {string.Join(' ', diagnostic?.Errors ?? [])} {schema.ToJsonString()}");
    }
}
