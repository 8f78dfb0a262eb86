using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;

namespace RealtimeHub.Integration.Tests.Server;

/// <summary>JSON as a test writes it.</summary>
internal static class Json
{
    public static JsonObject Object([StringSyntax(StringSyntaxAttribute.Json)] string json) => JsonNode.Parse(json)!.AsObject();
}
