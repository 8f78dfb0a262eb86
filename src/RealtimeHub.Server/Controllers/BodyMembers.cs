using System.Runtime.InteropServices;
using System.Text.Json;
using RealtimeHub.Contracts;

namespace RealtimeHub.Server.Controllers;

/// <summary>Puts members from elsewhere into a body. What the body holds stays as it was written, so that it is judged as on a hub.</summary>
internal static class BodyMembers
{
    /// <summary>The body with the members of the route and the headers in it; one that it gives, too, must be the same.</summary>
    /// <param name="body">An object.</param>
    /// <param name="given">Path inside the request, as <c>participant.kind</c>, and value.</param>
    /// <exception cref="InvalidOperationException">A name or value to compare with holds text without a meaning.</exception>
    public static (byte[]? Json, Error? Error) Merge(JsonElement body, IReadOnlyList<(string Path, string Value)> given)
    {
        using var output = new MemoryStream();
        var error = Merge(output, body, [.. given.Select(g => (g.Path, g.Path, g.Value))]);
        return error is null ? (output.ToArray(), null) : (null, error);
    }

    /// <summary>A body that is one member of the request by itself, and does not have that member; what belongs to the request is taken out of it.</summary>
    public static JsonElement Wrap(JsonElement body, string name, string outside)
    {
        using var output = new MemoryStream();
        output.Write("{"u8);
        if (body.TryGetProperty(outside, out var value))
        {
            WriteName(output, outside);
            output.Write(JsonMarshal.GetRawUtf8Value(value));
            output.Write(","u8);
        }

        WriteName(output, name);
        output.Write("{"u8);
        var isFirst = true;
        foreach (var property in body.EnumerateObject().Where(p => !p.NameEquals(outside) && !p.NameEquals(name)))
        {
            WriteSeparator(output, ref isFirst);
            Copy(output, property);
        }

        output.Write("}}"u8);
        return Parse(output.ToArray());
    }

    /// <summary>Reads any JSON, without a look at names and texts.</summary>
    /// <exception cref="JsonException">It is none, or nested too deeply to be told where.</exception>
    public static JsonElement Parse(ReadOnlyMemory<byte> json) => JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = MaxDepth }).RootElement;

    /// <summary>Whether a member is as good as absent.</summary>
    public static bool IsNull(JsonElement value) => value.ValueKind == JsonValueKind.Null;

    // As deep as a message on a hub: what is too deep for a request is told where.
    private const int MaxDepth = 64;

    private static Error? Merge(MemoryStream output, JsonElement body, List<(string Path, string Name, string Value)> given)
    {
        output.Write("{"u8);
        var isFirst = true;
        var inner = given.Where(g => g.Name.Contains('.', StringComparison.Ordinal)).ToLookup(g => g.Name.Split('.', 2)[0]);
        foreach (var (path, name, value) in given.Where(g => !g.Name.Contains('.', StringComparison.Ordinal)))
        {
            if (!body.TryGetProperty(name, out var present) || IsNull(present))
            {
                WriteSeparator(output, ref isFirst);
                WriteName(output, name);
                output.Write(JsonSerializer.SerializeToUtf8Bytes(value, ContractsJson.WireType<string>()));
            }
            else if (present.ValueKind != JsonValueKind.String || !present.ValueEquals(value))
            {
                return Error.Invalid(path, "is given twice and differs");
            }
        }

        foreach (var group in inner)
        {
            var present = body.TryGetProperty(group.Key, out var value) && !IsNull(value) ? value : Parse("{}"u8.ToArray());
            if (present.ValueKind != JsonValueKind.Object)
            {
                return Error.Invalid(group.Key, "must be an object");
            }

            WriteSeparator(output, ref isFirst);
            WriteName(output, group.Key);
            if (Merge(output, present, [.. group.Select(g => (g.Path, g.Name.Split('.', 2)[1], g.Value))]) is { } error)
            {
                return error;
            }
        }

        foreach (var property in body.EnumerateObject().Where(p => !inner.Any(g => p.NameEquals(g.Key)) && !(IsNull(p.Value) && given.Exists(g => p.NameEquals(g.Name)))))
        {
            WriteSeparator(output, ref isFirst);
            Copy(output, property);
        }

        output.Write("}"u8);
        return null;
    }

    private static void WriteSeparator(MemoryStream output, ref bool isFirst)
    {
        output.Write(isFirst ? ""u8 : ","u8);
        isFirst = false;
    }

    private static void WriteName(MemoryStream output, string name) => output.Write([(byte)'"', .. System.Text.Encoding.UTF8.GetBytes(name), (byte)'"', (byte)':']);

    private static void Copy(MemoryStream output, JsonProperty property)
    {
        output.Write("\""u8);
        output.Write(JsonMarshal.GetRawUtf8PropertyName(property));
        output.Write("\":"u8);
        output.Write(JsonMarshal.GetRawUtf8Value(property.Value));
    }
}
