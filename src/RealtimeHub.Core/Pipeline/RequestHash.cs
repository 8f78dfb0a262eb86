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
            default:
                element.WriteTo(writer);
                break;
        }
    }
}
