using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RealtimeHub.Server.Documents;

/// <summary>How documents are written: the same bytes on every machine, and readable in a diff.</summary>
internal static class DocumentJson
{
    private static readonly JsonSerializerOptions Options = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Indented, with LF and one at the end.</summary>
    public static byte[] Write(JsonNode document) => Encoding.UTF8.GetBytes(document.ToJsonString(Options) + "\n");
}
