using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace RealtimeHub.Contracts;

/// <summary>Times as ISO 8601 UTC with milliseconds: <c>2026-11-22T13:00:00.123Z</c>. Any offset is read, and turned into UTC.</summary>
internal sealed class WireTimeConverter : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && reader.TryGetDateTimeOffset(out var time) && HasOffset(reader.GetString()!)
            ? time.ToUniversalTime()
            : throw new JsonException("must be an ISO 8601 time with its offset");

    // Without one it would be taken for the time of wherever the server stands.
    private static bool HasOffset(string time) =>
        time.EndsWith('Z') || time.AsSpan(Math.Max(0, time.IndexOf('T', StringComparison.Ordinal))).IndexOfAny('+', '-') > 0;

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options)
    {
        Span<byte> text = stackalloc byte[24];
        value.UtcDateTime.TryFormat(text, out var written, "yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        writer.WriteStringValue(text[..written]);
    }
}
