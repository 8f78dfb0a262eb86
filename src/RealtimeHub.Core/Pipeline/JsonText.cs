using System.Text.Json;
using RealtimeHub.Contracts;

namespace RealtimeHub.Core.Pipeline;

/// <summary>Whether raw JSON that will be stored as it is can be read by everybody.</summary>
internal static class JsonText
{
    /// <summary>No string in it is half a character (a lone surrogate), no object names a member twice, and it is at most so many levels deep.</summary>
    public static bool IsWellFormed(JsonElement element, int levels = ContractsJson.MaxDepth)
    {
        try
        {
            return Check(element, levels);
        }
        catch (InvalidOperationException)
        {
            // What System.Text.Json says of a lone surrogate when the string is decoded.
            return false;
        }
    }

    private static bool Check(JsonElement element, int levels)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                element.GetString();
                return true;
            case JsonValueKind.Array:
                return levels > 0 && element.EnumerateArray().All(item => Check(item, levels - 1));
            case JsonValueKind.Object:
                var names = new HashSet<string>(StringComparer.Ordinal);
                return levels > 0 && element.EnumerateObject().All(m => names.Add(m.Name) && Check(m.Value, levels - 1));
            default:
                return true;
        }
    }
}
