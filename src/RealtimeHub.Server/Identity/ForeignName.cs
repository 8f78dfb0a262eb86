using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using RealtimeHub.Contracts;

namespace RealtimeHub.Server.Identity;

/// <summary>Turns the names that other systems give to tenants, users and roles into ids.</summary>
/// <remarks>
/// Two different names never become the same id (short of a SHA-256 collision), and every id fits <see cref="Ids"/>, so no
/// claim reaches a subject or a key unchecked. A name that is an id already stays as it is.
/// </remarks>
internal static class ForeignName
{
    private const string Prefix = "enc-";

    // What base64url without padding leaves room for after the prefix: (64 - 4) / 4 * 3.
    private const int MaxPlainBytes = 45;

    // A lone surrogate would become U+FFFD, and two names one.
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The id of a name; false for an empty name and for one that is not Unicode text.</summary>
    public static bool TryToId(string? name, [NotNullWhen(true)] out string? id)
    {
        id = null;
        if (string.IsNullOrEmpty(name))
        {
            return false;
        }

        if (Ids.IsValid(name) && !name.StartsWith(Prefix, StringComparison.Ordinal))
        {
            id = name;
            return true;
        }

        byte[] bytes;
        try
        {
            bytes = StrictUtf8.GetBytes(name);
        }
        catch (EncoderFallbackException)
        {
            return false;
        }

        // A name as long as a hash is hashed as well. Otherwise somebody could look for a long name whose hash happens to be
        // text, take that text as a second name, and be two people under one id.
        var plain = bytes.Length <= MaxPlainBytes && bytes.Length != SHA256.HashSizeInBytes;
        id = Prefix + Base64Url.EncodeToString(plain ? bytes : SHA256.HashData(bytes));
        return true;
    }
}
