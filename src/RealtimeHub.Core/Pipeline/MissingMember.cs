using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace RealtimeHub.Core.Pipeline;

/// <summary>Which member a body lacks: the serializer says only in which object.</summary>
internal static class MissingMember
{
    /// <summary>Path of the first required member that the object at <paramref name="path"/> lacks; null when it lacks none.</summary>
    /// <param name="body">What did not bind.</param>
    /// <param name="type">The type that it did not bind to.</param>
    /// <param name="path">The path of the <see cref="JsonException"/>, as <c>$.participants[0]</c>.</param>
    public static string? Find(JsonElement body, JsonTypeInfo type, string? path) => path is null ? null : Search(body, type, "$", path);

    private static string? Search(JsonElement element, JsonTypeInfo type, string at, string path)
    {
        if (type.Kind == JsonTypeInfoKind.Object && element.ValueKind == JsonValueKind.Object)
        {
            if (at == path)
            {
                var missing = type.Properties.FirstOrDefault(p => p.IsRequired && !element.TryGetProperty(p.Name, out _));
                return missing is null ? null : $"{at}.{missing.Name}";
            }

            foreach (var property in type.Properties)
            {
                var inside = $"{at}.{property.Name}";
                if (path.StartsWith(inside, StringComparison.Ordinal) && element.TryGetProperty(property.Name, out var value)
                    && Search(value, type.Options.GetTypeInfo(property.PropertyType), inside, path) is { } found)
                {
                    return found;
                }
            }
        }

        if (type.Kind == JsonTypeInfoKind.Enumerable && element.ValueKind == JsonValueKind.Array)
        {
            var index = 0;
            foreach (var item in element.EnumerateArray())
            {
                var inside = $"{at}[{index++}]";
                if (path.StartsWith(inside, StringComparison.Ordinal))
                {
                    return Search(item, type.Options.GetTypeInfo(type.ElementType!), inside, path);
                }
            }
        }

        return null;
    }
}
