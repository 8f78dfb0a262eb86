using Microsoft.Net.Http.Headers;
using RealtimeHub.Contracts;
using RealtimeHub.Server.Documents.OpenApi;
using RealtimeHub.Server.Documents.Schemas;
using RealtimeHub.Server.Errors;
using Scalar.AspNetCore;

namespace RealtimeHub.Server.Documents;

/// <summary>The contract's documents and the page that shows them.</summary>
internal static class DocumentsRegistration
{
    private const string Page = "/docs";

    /// <summary>What makes the documents.</summary>
    public static void AddDocuments(this WebApplicationBuilder builder)
    {
        builder.Services.AddOpenApi(OpenApiWriter.Name, options =>
        {
            options.ShouldInclude = _ => false; // the transformer knows all routes by itself
            options.AddDocumentTransformer<OperationsTransformer>();
        });
        builder.Services.AddSingleton<SchemaSource>();
        builder.Services.AddSingleton<OpenApiWriter>();
        builder.Services.AddSingleton<ContractDocuments>();
    }

    /// <summary>Their routes: for everybody, because they say nothing of anybody's data.</summary>
    public static void MapDocuments(this WebApplication app)
    {
        app.MapGet(ContractDocuments.OpenApi, GetAsync).AllowAnonymous().ExcludeFromDescription();
        app.MapGet(ContractDocuments.AsyncApi, GetAsync).AllowAnonymous().ExcludeFromDescription();
        app.MapGet(SchemaFiles.Folder + "{name}", GetAsync).AllowAnonymous().ExcludeFromDescription();
        app.MapScalarApiReference(Page, options => options
                .WithTitle("RealtimeHub")
                .WithOpenApiRoutePattern(ContractDocuments.OpenApi)
                .WithDocumentDownloadType(DocumentDownloadType.Json)
                .AddPreferredSecuritySchemes(OperationsTransformer.Bearer)
                .DisableDefaultFonts()
                .DisableTelemetry()
                .DisableAgent()
                .DisableMcp()
                .HideClientButton()
                .HideDeveloperTools())
            .ExcludeFromDescription()
            .AllowAnonymous()
            .AddEndpointFilter(async (context, next) =>
            {
                // The page brings all that it needs and calls nobody but this server.
                context.HttpContext.Response.Headers.ContentSecurityPolicy =
                    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
                    + "font-src 'self' data:; frame-ancestors 'none'; base-uri 'none'";
                return await next(context);
            });
    }

    private static async Task<IResult> GetAsync(HttpContext context, ContractDocuments documents)
    {
        if (!(await documents.All).TryGetValue(context.Request.Path.Value!, out var document))
        {
            return Problems.Result(Error.NotFound);
        }

        context.Response.Headers.CacheControl = "public, max-age=300";
        return Results.Bytes(document.Json, "application/json", entityTag: EntityTagHeaderValue.Parse(document.ETag));
    }
}
