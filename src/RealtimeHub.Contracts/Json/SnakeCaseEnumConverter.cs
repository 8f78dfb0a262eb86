using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace RealtimeHub.Contracts;

/// <summary>Enums as lower_snake strings, exactly: no numbers, no other case, no blanks, no lists of names.</summary>
internal sealed class SnakeCaseEnumConverter<T> : JsonConverter<T>
    where T : struct, Enum
{
    private static readonly FrozenDictionary<T, JsonEncodedText> Names =
        Enum.GetValues<T>().ToFrozenDictionary(v => v, v => JsonEncodedText.Encode(JsonNamingPolicy.SnakeCaseLower.ConvertName(v.ToString())));

    private static readonly FrozenDictionary<string, T> Values =
        Names.ToFrozenDictionary(n => n.Value.Value, n => n.Key, StringComparer.Ordinal);

    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String ? Parse(reader.GetString()!) : throw Unknown();

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(NameOf(value));

    public override T ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Parse(reader.GetString()!);

    public override void WriteAsPropertyName(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WritePropertyName(NameOf(value));

    private static T Parse(string name) => Values.TryGetValue(name, out var value) ? value : throw Unknown();

    private static JsonEncodedText NameOf(T value) =>
        Names.TryGetValue(value, out var name) ? name : throw new JsonException($"{value} is no {typeof(T).Name}.");

    private static JsonException Unknown() => new($"must be one of {string.Join(", ", Values.Keys.Order(StringComparer.Ordinal))}");
}
