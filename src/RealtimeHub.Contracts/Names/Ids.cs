using System.Diagnostics.CodeAnalysis;

namespace RealtimeHub.Contracts;

/// <summary>The grammar of every id on the wire: <c>[A-Za-z0-9_-]{1,64}</c>.</summary>
/// <remarks>NATS subjects and JetStream KV keys allow no more than this, so an id is safe in either without escaping.</remarks>
public static class Ids
{
    /// <summary>Longest id, in characters.</summary>
    public const int MaxLength = 64;

    /// <summary>The grammar as a regular expression, for documents; <see cref="IsValid"/> is what decides.</summary>
    public const string Pattern = "^[A-Za-z0-9_-]{1,64}$";

    /// <summary>Whether <paramref name="id"/> fits the id grammar.</summary>
    public static bool IsValid([NotNullWhen(true)] string? id)
    {
        if (id is null || id.Length is 0 or > MaxLength)
        {
            return false;
        }

        foreach (var c in id)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '-'))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A new id: a UUID version 7 (RFC 9562) without dashes, whose order follows <paramref name="time"/>.</summary>
    public static string New(DateTimeOffset time) => Guid.CreateVersion7(time).ToString("N");
}
