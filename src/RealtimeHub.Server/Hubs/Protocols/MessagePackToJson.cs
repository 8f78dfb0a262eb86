using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using MessagePack;

namespace RealtimeHub.Server.Hubs.Protocols;

/// <summary>Why a MessagePack value has no JSON, and where in it.</summary>
/// <param name="Path">As in an error's members: <c>participants[0].role</c>; empty for the value itself.</param>
/// <param name="Reason">What it would have to be.</param>
internal sealed record NotJson(string Path, string Reason)
{
    public NotJson In(string name) => this with { Path = Path.Length == 0 || Path[0] == '[' ? name + Path : $"{name}.{Path}" };

    public NotJson In(int index) => this with { Path = Path.Length == 0 || Path[0] == '[' ? $"[{index}]{Path}" : $"[{index}].{Path}" };
}

/// <summary>Writes a MessagePack value as JSON; what JSON cannot say is refused, not bent.</summary>
internal static class MessagePackToJson
{
    /// <summary>Writes the next value; on a refusal the reader stands somewhere inside it.</summary>
    /// <returns>Null, or why it has no JSON.</returns>
    public static NotJson? Transcode(ref MessagePackReader reader, Utf8JsonWriter writer) => Write(ref reader, writer, depth: 0);

    private static NotJson? Write(ref MessagePackReader reader, Utf8JsonWriter writer, int depth)
    {
        switch (reader.NextMessagePackType)
        {
            case MessagePackType.Nil:
                reader.ReadNil();
                writer.WriteNullValue();
                return null;
            case MessagePackType.Boolean:
                writer.WriteBooleanValue(reader.ReadBoolean());
                return null;
            case MessagePackType.Integer when reader.NextCode == MessagePackCode.UInt64:
                writer.WriteNumberValue(reader.ReadUInt64());
                return null;
            case MessagePackType.Integer:
                writer.WriteNumberValue(reader.ReadInt64());
                return null;
            case MessagePackType.Float:
                return WriteFloat(ref reader, writer);
            case MessagePackType.String:
                return WriteText(ref reader, writer, asName: false, out _);
            case MessagePackType.Array or MessagePackType.Map when depth == HubJson.MaxDepth:
                return new NotJson("", $"must not be nested deeper than {HubJson.MaxDepth} levels");
            case MessagePackType.Array:
                return WriteArray(ref reader, writer, depth + 1);
            case MessagePackType.Map:
                return WriteMap(ref reader, writer, depth + 1);
            case MessagePackType.Binary:
                return new NotJson("", "must not be binary");
            default:
                return new NotJson("", "must not be of an extension type");
        }
    }

    private static NotJson? WriteArray(ref MessagePackReader reader, Utf8JsonWriter writer, int depth)
    {
        writer.WriteStartArray();
        var length = reader.ReadArrayHeader();
        for (var i = 0; i < length; i++)
        {
            if (Write(ref reader, writer, depth) is { } problem)
            {
                return problem.In(i);
            }
        }

        writer.WriteEndArray();
        return null;
    }

    private static NotJson? WriteMap(ref MessagePackReader reader, Utf8JsonWriter writer, int depth)
    {
        writer.WriteStartObject();
        var length = reader.ReadMapHeader();
        for (var i = 0; i < length; i++)
        {
            if (reader.NextMessagePackType != MessagePackType.String)
            {
                return new NotJson("", "must have strings for names");
            }

            if (WriteText(ref reader, writer, asName: true, out var name) is { } problem)
            {
                return problem;
            }

            if (Write(ref reader, writer, depth) is { } inside)
            {
                return inside.In(Encoding.UTF8.GetString(name));
            }
        }

        writer.WriteEndObject();
        return null;
    }

    private static NotJson? WriteFloat(ref MessagePackReader reader, Utf8JsonWriter writer)
    {
        if (reader.NextCode == MessagePackCode.Float32)
        {
            // Written as a float32, 0.1 stays 0.1 instead of 0.10000000149011612.
            var single = reader.ReadSingle();
            if (float.IsFinite(single))
            {
                writer.WriteNumberValue(single);
                return null;
            }
        }
        else if (reader.ReadDouble() is var number && double.IsFinite(number))
        {
            writer.WriteNumberValue(number);
            return null;
        }

        return new NotJson("", "must be a finite number");
    }

    private static NotJson? WriteText(ref MessagePackReader reader, Utf8JsonWriter writer, bool asName, out ReadOnlySequence<byte> text)
    {
        text = reader.ReadStringSequence()!.Value;
        var utf8 = text.IsSingleSegment ? text.FirstSpan : text.ToArray();
        if (!Utf8.IsValid(utf8))
        {
            // Half a surrogate pair, as a JavaScript encoder writes it.
            return new NotJson("", "must be valid text");
        }

        if (asName)
        {
            writer.WritePropertyName(utf8);
        }
        else
        {
            writer.WriteStringValue(utf8);
        }

        return null;
    }
}
