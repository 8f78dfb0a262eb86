using System.Text.Json;
using System.Text.Json.Nodes;

namespace RealtimeHub.Integration.Tests.Server;

/// <summary>JSON to and from what the stock client takes and gives in each protocol.</summary>
internal static class WireValue
{
    /// <summary>A node as it is for JSON; for MessagePack plain maps, lists and values.</summary>
    public static object? FromJson(object? value, HubProtocol protocol) => (value, protocol) switch
    {
        (IAsyncEnumerable<JsonNode?> stream, _) => Each(stream, protocol),
        (JsonNode node, HubProtocol.MessagePack) => Plain(node),
        _ => value,
    };

    /// <summary>What came, as JSON. A map whose keys are no strings, or a value that JSON does not know, fails the test.</summary>
    public static JsonNode? ToJson(object? value) =>
        JsonNode.Parse(value is JsonElement element ? element.GetRawText() : Node(value)?.ToJsonString() ?? "null");

    private static JsonNode? Node(object? value) => value switch
    {
        null => null,
        string text => JsonValue.Create(text),
        bool flag => JsonValue.Create(flag),
        double number => JsonValue.Create(number),
        byte or sbyte or short or ushort or int or uint or long => JsonValue.Create(Convert.ToInt64(value)),
        ulong number => JsonValue.Create(number),
        IDictionary<object, object?> map => new JsonObject(map.Select(m => KeyValuePair.Create((string)m.Key, Node(m.Value)))),
        object?[] list => new JsonArray([.. list.Select(Node)]),
        _ => throw new InvalidOperationException($"MessagePack brought a {value.GetType()}."),
    };

    private static object? Plain(JsonNode? node) => node switch
    {
        null => null,
        JsonObject map => map.ToDictionary(m => m.Key, m => Plain(m.Value), StringComparer.Ordinal),
        JsonArray list => list.Select(Plain).ToArray(),
        _ => node.GetValueKind() switch
        {
            JsonValueKind.String => (string)node!,
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => long.TryParse(node.ToJsonString(), out var integer) ? integer : double.Parse(node.ToJsonString()),
        },
    };

    private static async IAsyncEnumerable<object?> Each(IAsyncEnumerable<JsonNode?> stream, HubProtocol protocol)
    {
        await foreach (var item in stream)
        {
            yield return FromJson(item, protocol);
        }
    }
}
