using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.OpenApi;
using RealtimeHub.Contracts;
using RealtimeHub.Server.Documents.Schemas;
using RealtimeHub.Server.Errors;

namespace RealtimeHub.Server.Documents.OpenApi;

/// <summary>The answers that are errors: one for each code, and the two statuses that are a code of another name.</summary>
internal sealed class ErrorResponses(OpenApiDocument document, XmlSummaries summaries)
{
    /// <summary>Adds them to the components.</summary>
    public void AddTo(OpenApiComponents components)
    {
        components.Responses ??= new Dictionary<string, IOpenApiResponse>(StringComparer.Ordinal);
        foreach (var code in Enum.GetValues<ErrorCode>())
        {
            components.Responses[code.ToString()] = Response(code, summaries.OfValue(typeof(ErrorCode), code.ToString()) ?? code.ToString());
        }

        components.Responses["UnsupportedMediaType"] = Response(ErrorCode.InvalidRequest, "The body is not of a media type that is taken here.");
    }

    /// <summary>The answer with that status.</summary>
    public (string Status, IOpenApiResponse Response) Of(int status)
    {
        var name = status == StatusCodes.Status415UnsupportedMediaType ? "UnsupportedMediaType" : Problems.CodeOf(status).ToString();
        return (status.ToString(), new OpenApiResponseReference(name, document));
    }

    private OpenApiResponse Response(ErrorCode code, string description)
    {
        var response = new OpenApiResponse
        {
            Description = description,
            Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
            {
                [Problems.MediaType] = new()
                {
                    Schema = OpenApiSchemas.Read(
                        new JsonObject
                        {
                            ["allOf"] = new JsonArray(new JsonObject { ["$ref"] = OpenApiSchemas.Home + ProblemSchema.Name }),
                            ["properties"] = new JsonObject
                            {
                                ["code"] = new JsonObject { ["const"] = JsonNamingPolicy.SnakeCaseLower.ConvertName(code.ToString()) },
                            },
                        },
                        document),
                },
            },
        };
        if (code is ErrorCode.RateLimited or ErrorCode.Unavailable)
        {
            response.Headers = new Dictionary<string, IOpenApiHeader>(StringComparer.Ordinal)
            {
                ["Retry-After"] = new OpenApiHeader
                {
                    Description = "Seconds to wait.",
                    Schema = new OpenApiSchema { Type = JsonSchemaType.Integer, Minimum = "1" },
                },
            };
        }

        return response;
    }

    /// <summary>The phrase of a status, for answers that say no more of themselves.</summary>
    public static string PhraseOf(int status) => ReasonPhrases.GetReasonPhrase(status) is { Length: > 0 } phrase ? $"{phrase}." : $"{status}";
}
