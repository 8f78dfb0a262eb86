using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace RealtimeHub.Integration.Tests.Transport;

/// <summary>Between JSON trees and what the stock MessagePack library makes of untyped values.</summary>
internal static class Trees
{
    public static JsonNode? FromObject(object? value) => value switch
    {
        null => null,
        IDictionary<object, object?> map => new JsonObject(map.Select(p => KeyValuePair.Create((string)p.Key, FromObject(p.Value)))),
        IEnumerable<object?> list => new JsonArray([.. list.Select(FromObject)]),
        string text => JsonValue.Create(text),
        bool flag => JsonValue.Create(flag),
        double number => JsonValue.Create(number),
        ulong number => JsonValue.Create(number),
        _ => JsonValue.Create(Convert.ToInt64(value, CultureInfo.InvariantCulture)),
    };

    public static object? ToObject(JsonNode? node) => node switch
    {
        null => null,
        JsonObject map => map.ToDictionary(p => p.Key, p => ToObject(p.Value)),
        JsonArray list => list.Select(ToObject).ToArray(),
        JsonValue value when value.TryGetValue<bool>(out var flag) => flag,
        JsonValue value when value.TryGetValue<string>(out var text) => text,
        _ => long.TryParse(node.ToJsonString(), CultureInfo.InvariantCulture, out var number) ? number : node.GetValue<double>(),
    };

    /// <summary>An object inside objects, that many levels in all.</summary>
    public static JsonObject Nested(int levels)
    {
        var json = new StringBuilder();
        json.Insert(0, "{\"a\":", levels - 1).Append("{}").Append('}', levels - 1);
        return JsonNode.Parse(json.ToString())!.AsObject();
    }

    public static void ShouldEqual(JsonNode? actual, JsonNode? expected) =>
        JsonNode.DeepEquals(actual, expected).Should().BeTrue($"{actual?.ToJsonString()} should be {expected?.ToJsonString()}");
}
