using System.Text.Json;

namespace RealtimeHub.Core.Pipeline;

/// <summary>Whether raw JSON that will be stored as it is can be read by everybody.</summary>
internal static class JsonText
{
    /// <summary>No string in it is half a character (a lone surrogate), and no object names a member twice.</summary>
    public static bool IsWellFormed(JsonElement element)
    {
        try
        {
            return Check(element);
        }
        catch (InvalidOperationException)
        {
            // What System.Text.Json says of a lone surrogate when the string is decoded.
            return false;
        }
    }

    private static bool Check(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                element.GetString();
                return true;
            case JsonValueKind.Array:
                return element.EnumerateArray().All(Check);
            case JsonValueKind.Object:
                var names = new HashSet<string>(StringComparer.Ordinal);
                return element.EnumerateObject().All(m => names.Add(m.Name) && Check(m.Value));
            default:
                return true;
        }
    }
}
