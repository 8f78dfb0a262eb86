using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace RealtimeHub.Core.Log;

/// <summary>A position in a topic, and enough of what came before it to notice a log that is not the one it was taken from.</summary>
/// <param name="Epoch">The log's incarnation.</param>
/// <param name="TopicHash">32 bits of the tenant and topic.</param>
/// <param name="Sequence">Everything at or below it is behind the cursor.</param>
/// <param name="LastState">The topic's last state event at or before <paramref name="Sequence"/>.</param>
/// <remarks>
/// A worked example: the topic has state events 10 and 20 and deltas 21 to 25. After delta 23 the cursor holds sequence 23 and the state
/// event 20 with its id bits. If deltas 21 to 23 are purged, 20 is still the last state event at or before 23 and the cursor fits. If the
/// log lost 20, or has another event there, or a state event between 21 and 23, the cursor is of a log that was rolled back.
/// </remarks>
public readonly record struct Cursor(ulong Epoch, uint TopicHash, long Sequence, StateMark LastState)
{
    private const byte Version = 1;

    private const int Length = 1 + 6 + 4 + 7 + 7 + 6;

    /// <summary>The start of a topic.</summary>
    public static Cursor Start(ulong epoch, TopicKey topic) => new(epoch, HashOf(topic), 0, default);

    /// <summary>A position in a topic.</summary>
    public static Cursor At(ulong epoch, TopicKey topic, long sequence, StateMark lastState) => new(epoch, HashOf(topic), sequence, lastState);

    /// <summary>32 bits that tell one topic's cursors from another's.</summary>
    public static uint HashOf(TopicKey topic)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(topic.ToString()), hash);
        return BinaryPrimitives.ReadUInt32BigEndian(hash);
    }

    /// <summary>Reads what <see cref="ToString"/> wrote; false for anything else.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Cursor cursor)
    {
        cursor = default;
        Span<byte> bytes = stackalloc byte[Length];
        if (text is null || text.Length != Base64Url.GetEncodedLength(Length) || !IsBase64Url(text)
            || !Base64Url.TryDecodeFromChars(text, bytes, out var read) || read != Length || bytes[0] != Version)
        {
            return false;
        }

        cursor = new Cursor(
            ReadBits(bytes[1..7]), BinaryPrimitives.ReadUInt32BigEndian(bytes[7..11]), (long)ReadBits(bytes[11..18]),
            new StateMark((long)ReadBits(bytes[18..25]), ReadBits(bytes[25..31])));
        return cursor.LastState.Sequence <= cursor.Sequence && text == cursor.ToString();
    }

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    /// <exception cref="FormatException">The text is no cursor.</exception>
    public static Cursor Parse(string text) =>
        TryParse(text, out var cursor) ? cursor : throw new FormatException("The text is no cursor.");

    /// <summary>The opaque form that clients hold; 42 characters.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Length];
        bytes[0] = Version;
        WriteBits(bytes[1..7], Epoch);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[7..11], TopicHash);
        WriteBits(bytes[11..18], (ulong)Sequence);
        WriteBits(bytes[18..25], (ulong)LastState.Sequence);
        WriteBits(bytes[25..31], LastState.IdBits);
        return Base64Url.EncodeToString(bytes);
    }

    private static bool IsBase64Url(string text)
    {
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '-'))
            {
                return false;
            }
        }

        return true;
    }

    private static ulong ReadBits(ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        foreach (var b in bytes)
        {
            value = (value << 8) | b;
        }

        return value;
    }

    private static void WriteBits(Span<byte> bytes, ulong value)
    {
        for (var i = bytes.Length - 1; i >= 0; i--, value >>= 8)
        {
            bytes[i] = (byte)value;
        }
    }
}

/// <summary>A state event by its sequence and 48 bits of its id's hash; <c>default</c> is "none yet".</summary>
public readonly record struct StateMark(long Sequence, ulong IdBits)
{
    /// <summary>The mark of an event.</summary>
    public static StateMark Of(StoredEvent e)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(e.Id), hash);
        return new StateMark(e.Sequence, BinaryPrimitives.ReadUInt64BigEndian(hash) >> 16);
    }
}
