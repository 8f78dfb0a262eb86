using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace RealtimeHub.Core.Folds;

/// <summary>A text that grows by deltas. Immutable: appending shares what was there and copies nothing.</summary>
[JsonConverter(typeof(Converter))]
public sealed class TextSoFar
{
    private readonly TextSoFar? before;
    private readonly string chunk;

    private TextSoFar(TextSoFar? before, string chunk)
    {
        this.before = before;
        this.chunk = chunk;
        Length = (before?.Length ?? 0) + chunk.Length;
        Bytes = (before?.Bytes ?? 0) + Encoding.UTF8.GetByteCount(chunk);
    }

    /// <summary>No text yet.</summary>
    public static TextSoFar Empty { get; } = new(before: null, "");

    /// <summary>In UTF-16 units, which is what offsets count.</summary>
    public int Length { get; }

    /// <summary>In bytes of UTF-8.</summary>
    public int Bytes { get; }

    /// <summary>This text and what follows it.</summary>
    public TextSoFar Append(string text) => text.Length == 0 ? this : new TextSoFar(Length == 0 ? null : this, text);

    /// <summary>The whole text.</summary>
    public override string ToString() => string.Create(Length, this, static (span, text) =>
    {
        for (var part = text; part is not null; part = part.before)
        {
            part.chunk.CopyTo(span[(part.Length - part.chunk.Length)..]);
        }
    });

    internal sealed class Converter : JsonConverter<TextSoFar>
    {
        public override TextSoFar Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            Empty.Append(reader.GetString() ?? "");

        public override void Write(Utf8JsonWriter writer, TextSoFar value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.ToString());
    }
}
