using System.Collections.Frozen;
using System.Security.Cryptography;
using RealtimeHub.Server.Documents.AsyncApi;
using RealtimeHub.Server.Documents.OpenApi;
using RealtimeHub.Server.Documents.Schemas;

namespace RealtimeHub.Server.Documents;

/// <summary>The whole contract as documents, by path. Made once, when first asked for; the same on every node of one version and configuration.</summary>
internal sealed class ContractDocuments(SchemaSource source, OpenApiWriter openApi)
{
    /// <summary>The HTTP API (OpenAPI 3.1).</summary>
    public const string OpenApi = "/openapi/v1.json";

    /// <summary>The hubs and the backbone (AsyncAPI 3.0).</summary>
    public const string AsyncApi = "/asyncapi/v1.json";

    private readonly Lazy<Task<FrozenDictionary<string, ContractDocument>>> documents = new(() => MakeAsync(source, openApi));

    /// <summary>Every document, by path.</summary>
    public Task<FrozenDictionary<string, ContractDocument>> All => documents.Value;

    private static async Task<FrozenDictionary<string, ContractDocument>> MakeAsync(SchemaSource source, OpenApiWriter openApi)
    {
        var all = new Dictionary<string, ContractDocument>(StringComparer.Ordinal)
        {
            [OpenApi] = new(await openApi.WriteAsync()),
            [AsyncApi] = new(DocumentJson.Write(new AsyncApiBuilder(source).Build())),
        };
        foreach (var (name, schema) in SchemaFiles.All(source))
        {
            all[$"{SchemaFiles.Folder}{name}.json"] = new(DocumentJson.Write(schema));
        }

        return all.ToFrozenDictionary(StringComparer.Ordinal);
    }
}

/// <summary>A document and what names its content.</summary>
internal sealed class ContractDocument(byte[] json)
{
    /// <summary>UTF-8.</summary>
    public ReadOnlyMemory<byte> Json { get; } = json;

    /// <summary>Strong, of the content alone: the same on every node.</summary>
    public string ETag { get; } = $"\"{Convert.ToHexStringLower(SHA256.HashData(json).AsSpan(0, 16))}\"";
}
