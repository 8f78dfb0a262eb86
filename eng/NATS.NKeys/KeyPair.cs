namespace NATS.NKeys;

/// <summary>An Ed25519 key pair read from an encoded NATS seed (<c>SU…</c>, <c>SA…</c>, <c>SO…</c>, <c>SN…</c>, <c>SC…</c>).</summary>
public sealed class KeyPair : IDisposable
{
    // A seed is one type byte, shared over two so that its text starts with "S" and the type's letter, 32 key bytes
    // and a little-endian CRC-16, all in base32. A public key has the type byte alone in front.
    private const int KeyLength = 32;
    private const int EncodedSeedLength = 2 + KeyLength + 2;
    private const int SeedMarker = 18 << 3;

    private static readonly byte[] PublicTypes = [13 << 3, 2 << 3, 14 << 3, 0 << 3, 20 << 3]; // N, C, O, A, U

    private readonly byte type;
    private readonly byte[] seed;

    private KeyPair(byte type, byte[] seed)
    {
        this.type = type;
        this.seed = seed;
    }

    /// <summary>Reads a seed.</summary>
    /// <exception cref="NKeysException">It is not a seed, or its checksum is wrong.</exception>
    public static KeyPair FromSeed(ReadOnlySpan<char> encodedSeed)
    {
        var raw = Base32.Decode(encodedSeed) ?? throw new NKeysException("Not a seed: not base32.");
        if (raw.Length != EncodedSeedLength || (raw[0] & 0xF8) != SeedMarker)
        {
            throw new NKeysException("Not a seed.");
        }

        if ((raw[^2] | (raw[^1] << 8)) != Crc16.Of(raw.AsSpan(..^2)))
        {
            throw new NKeysException("The seed's checksum is wrong.");
        }

        var type = (byte)(((raw[0] & 7) << 5) | (raw[1] >> 3));
        return PublicTypes.Contains(type)
            ? new KeyPair(type, raw[2..^2])
            : throw new NKeysException("A seed of an unknown or unsupported type.");
    }

    /// <summary>The public key, encoded.</summary>
    public string GetPublicKey()
    {
        var raw = new byte[1 + KeyLength + 2];
        raw[0] = type;
        Ed25519.PublicKey(seed).CopyTo(raw, 1);
        var crc = Crc16.Of(raw.AsSpan(..^2));
        raw[^2] = (byte)crc;
        raw[^1] = (byte)(crc >> 8);
        return Base32.Encode(raw);
    }

    /// <summary>Writes the 64 bytes of the message's signature.</summary>
    public void Sign(ReadOnlyMemory<byte> message, Memory<byte> signature) =>
        Ed25519.Sign(seed, message.Span).CopyTo(signature.Span);

    /// <summary>Wipes the seed.</summary>
    public void Dispose() => Array.Clear(seed);
}
