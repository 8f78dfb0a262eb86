using System.Text.Json.Nodes;
using RealtimeHub.Contracts;

namespace RealtimeHub.Server.Documents.Schemas;

/// <summary>Errors over HTTP, as <see cref="Errors.Problems"/> writes them: the members of <see cref="Error"/> beside those of RFC 9457.</summary>
internal static class ProblemSchema
{
    /// <summary>What it is called.</summary>
    public const string Name = "Problem";

    /// <summary>Adds the schema; answers a reference to it.</summary>
    public static JsonObject AddTo(SchemaSet schemas)
    {
        var error = schemas.WireCopy(typeof(Error))["properties"]!.AsObject();
        return schemas.Add(Name, new JsonObject
        {
            ["title"] = Name,
            ["description"] = "An error over HTTP (RFC 9457); programs read its `code`.",
            ["type"] = "object",
            ["properties"] = new JsonObject
            {
                ["type"] = Text("Always `about:blank`."),
                ["title"] = Text("The phrase of the status."),
                ["status"] = new JsonObject { ["type"] = "integer", ["minimum"] = 400, ["maximum"] = 599, ["description"] = "The status of the answer." },
                ["detail"] = Text("For people; never parsed."),
                ["code"] = error["code"]!.DeepClone(),
                ["errors"] = error["errors"]!.DeepClone(),
                ["details"] = error["details"]!.DeepClone(),
                ["retryAfterMs"] = error["retryAfterMs"]!.DeepClone(),
            },
            ["required"] = new JsonArray("type", "title", "status", "detail", "code"),
        });
    }

    private static JsonObject Text(string description) => new() { ["type"] = "string", ["description"] = description };
}
