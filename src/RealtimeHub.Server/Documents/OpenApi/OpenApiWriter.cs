using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace RealtimeHub.Server.Documents.OpenApi;

/// <summary>Writes the OpenAPI document as the framework makes it, without what differs from machine to machine.</summary>
internal sealed class OpenApiWriter(IServiceProvider services)
{
    /// <summary>The document's name.</summary>
    public const string Name = "v1";

    public async Task<byte[]> WriteAsync()
    {
        var document = await services.GetRequiredKeyedService<IOpenApiDocumentProvider>(Name).GetOpenApiDocumentAsync();
        document.Servers = null; // its own address: whoever reads it knows where it came from
        using var buffer = new MemoryStream();
        await document.SerializeAsJsonAsync(buffer, OpenApiSpecVersion.OpenApi3_1);
        return DocumentJson.Write(JsonNode.Parse(buffer.ToArray())!);
    }
}
