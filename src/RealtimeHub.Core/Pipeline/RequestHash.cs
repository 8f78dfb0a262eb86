using System.Security.Cryptography;
using System.Text.Json;
using RealtimeHub.Contracts;

namespace RealtimeHub.Core.Pipeline;

/// <summary>Whether two requests say the same: a hash of what was bound, whatever the transport and the order of members.</summary>
internal static class RequestHash
{
    private const string KeyMember = "idempotencyKey";

    /// <summary>Hash of every member but the idempotency key.</summary>
    public static string Of(object request)
    {
        var element = JsonSerializer.SerializeToElement(request, ContractsJson.Requests.GetTypeInfo(request.GetType()));
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            WriteCanonical(writer, element, skip: KeyMember);
        }

        return Convert.ToHexStringLower(SHA256.HashData(buffer.GetBuffer().AsSpan(0, (int)buffer.Length)).AsSpan(0, 16));
    }

    private static void WriteCanonical(Utf8JsonWriter writer, JsonElement element, string? skip = null)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in element.EnumerateObject().OrderBy(m => m.Name, StringComparer.Ordinal))
                {
                    if (member.Name != skip)
                    {
                        writer.WritePropertyName(member.Name);
                        WriteCanonical(writer, member.Value);
                    }
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in element.EnumerateArray())
                {
                    WriteCanonical(writer, item);
                }

                writer.WriteEndArray();
                break;
            case JsonValueKind.Number:
                WriteCanonicalNumber(writer, element);
                break;
            default:
                element.WriteTo(writer);
                break;
        }
    }

    // MessagePack knows no digits: 1.0 and 1e0 come over it as 1. What is whole and fits is written so; the rest as a double, the shortest way.
    private static void WriteCanonicalNumber(Utf8JsonWriter writer, JsonElement number)
    {
        if (number.TryGetInt64(out var signed))
        {
            writer.WriteNumberValue(signed);
        }
        else if (number.TryGetUInt64(out var unsigned))
        {
            writer.WriteNumberValue(unsigned);
        }
        else if (!number.TryGetDouble(out var real) || !double.IsFinite(real))
        {
            number.WriteTo(writer);
        }
        else if (double.IsInteger(real) && real is >= long.MinValue and < long.MaxValue)
        {
            writer.WriteNumberValue((long)real);
        }
        else if (double.IsInteger(real) && real is >= 0 and < ulong.MaxValue)
        {
            writer.WriteNumberValue((ulong)real);
        }
        else
        {
            writer.WriteNumberValue(real);
        }
    }
}
