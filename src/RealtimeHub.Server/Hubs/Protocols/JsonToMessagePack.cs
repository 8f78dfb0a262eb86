using System.Runtime.InteropServices;
using System.Text.Json;
using MessagePack;

namespace RealtimeHub.Server.Hubs.Protocols;

/// <summary>Writes JSON as MessagePack: string-keyed maps, integers or float64, strings for everything that is a string in JSON.</summary>
/// <remarks>Takes what the log stored, so nothing in valid JSON makes it fail but nesting: one event must not stop a feed.</remarks>
internal static class JsonToMessagePack
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = HubJson.MaxDepth };

    /// <summary>Writes one JSON value.</summary>
    /// <exception cref="JsonException">It is not JSON, or nested deeper than <see cref="HubJson.MaxDepth"/>.</exception>
    public static void Transcode(ReadOnlyMemory<byte> json, ref MessagePackWriter writer)
    {
        // A document, because a map's length comes before its members.
        using var document = JsonDocument.Parse(json, Options);
        Write(document.RootElement, ref writer);
    }

    private static void Write(JsonElement element, ref MessagePackWriter writer)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteMapHeader(element.GetPropertyCount());
                foreach (var property in element.EnumerateObject())
                {
                    WriteText(JsonMarshal.GetRawUtf8PropertyName(property), ref writer);
                    Write(property.Value, ref writer);
                }

                break;
            case JsonValueKind.Array:
                writer.WriteArrayHeader(element.GetArrayLength());
                foreach (var item in element.EnumerateArray())
                {
                    Write(item, ref writer);
                }

                break;
            case JsonValueKind.String:
                WriteText(JsonMarshal.GetRawUtf8Value(element)[1..^1], ref writer);
                break;
            case JsonValueKind.Number:
                WriteNumber(element, ref writer);
                break;
            case JsonValueKind.True or JsonValueKind.False:
                writer.Write(element.ValueKind == JsonValueKind.True);
                break;
            default:
                writer.WriteNil();
                break;
        }
    }

    private static void WriteNumber(JsonElement number, ref MessagePackWriter writer)
    {
        if (number.TryGetInt64(out var integer))
        {
            writer.Write(integer);
        }
        else if (number.TryGetUInt64(out var natural))
        {
            writer.Write(natural);
        }
        else
        {
            writer.Write(number.GetDouble());
        }
    }

    private static void WriteText(ReadOnlySpan<byte> raw, ref MessagePackWriter writer)
    {
        if (!raw.Contains((byte)'\\'))
        {
            writer.WriteString(raw);
            return;
        }

        var reader = new Utf8JsonReader([(byte)'"', .. raw, (byte)'"']);
        reader.Read();
        try
        {
            writer.Write(reader.GetString());
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair has no UTF-8. Ingest refuses it; what came some other way is shown as it was written.
            writer.WriteString(raw);
        }
    }
}
