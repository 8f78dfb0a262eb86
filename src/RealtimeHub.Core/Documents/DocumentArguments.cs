using System.Buffers;

namespace RealtimeHub.Core.Documents;

/// <summary>What every <see cref="IDocumentStore"/> refuses before it does anything.</summary>
public static class DocumentArguments
{
    /// <summary>Largest document, in bytes.</summary>
    public const int MaxValueLength = 1024 * 1024;

    private static readonly SearchValues<char> KeyCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.");

    /// <summary>Refuses what is not segments of <c>[A-Za-z0-9_-]</c> joined by dots.</summary>
    /// <exception cref="ArgumentException">The key is no such thing.</exception>
    public static void CheckKey(string key)
    {
        if (string.IsNullOrEmpty(key) || !HasKeyCharacters(key) || key[0] == '.' || key[^1] == '.' || key.Contains("..", StringComparison.Ordinal))
        {
            throw new ArgumentException($"'{key}' is no document key: segments of letters, digits, '_' and '-' joined by dots.", nameof(key));
        }
    }

    /// <summary>Refuses what no key begins with; empty is every key.</summary>
    /// <exception cref="ArgumentException">The prefix holds other characters than a key may.</exception>
    public static void CheckPrefix(string prefix)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        if (!HasKeyCharacters(prefix))
        {
            throw new ArgumentException($"No document key begins with '{prefix}'.", nameof(prefix));
        }
    }

    /// <summary>Refuses what is larger than <see cref="MaxValueLength"/>.</summary>
    /// <exception cref="ArgumentException">The value is too large.</exception>
    public static void CheckValue(ReadOnlyMemory<byte> value)
    {
        if (value.Length > MaxValueLength)
        {
            throw new ArgumentException($"A document holds at most {MaxValueLength} bytes; this one has {value.Length}.", nameof(value));
        }
    }

    private static bool HasKeyCharacters(string text) => text.AsSpan().IndexOfAnyExcept(KeyCharacters) < 0;
}
