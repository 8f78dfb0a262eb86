using System.Numerics;
using System.Security.Cryptography;

namespace NATS.NKeys;

/// <summary>Ed25519 keys and signatures as RFC 8032, section 5.1, writes them down, on <see cref="BigInteger"/>.</summary>
/// <remarks>Correct, but slow (milliseconds) and not constant in time: right for signing one connect nonce in development, not a hardened library.</remarks>
internal static class Ed25519
{
    private static readonly BigInteger P = BigInteger.Pow(2, 255) - 19;
    private static readonly BigInteger Order = BigInteger.Pow(2, 252) + BigInteger.Parse("27742317777372353535851937790883648493", null);
    private static readonly BigInteger D = Mod(-121665 * Inverse(121666));
    private static readonly Point Base = Point.FromAffine(
        BigInteger.Parse("15112221349535400772501151409588531511454012693041857206046113283949847762202", null),
        BigInteger.Parse("46316835694926478169428394003475163141307993866256225615783033603165251855960", null));

    public static byte[] PublicKey(ReadOnlySpan<byte> seed) => Encode(Multiply(Base, Scalar(SHA512.HashData(seed))));

    public static byte[] Sign(ReadOnlySpan<byte> seed, ReadOnlySpan<byte> message)
    {
        var hash = SHA512.HashData(seed);
        var secret = Scalar(hash);
        var publicKey = Encode(Multiply(Base, secret));
        var nonce = HashToScalar([.. hash.AsSpan(32..), .. message]);
        var commitment = Encode(Multiply(Base, nonce));
        var challenge = HashToScalar([.. commitment, .. publicKey, .. message]);
        return [.. commitment, .. LittleEndian((nonce + (challenge * secret)) % Order)];
    }

    private static BigInteger Scalar(byte[] hash)
    {
        var clamped = hash[..32];
        clamped[0] &= 0xF8;
        clamped[31] &= 0x7F;
        clamped[31] |= 0x40;
        return new BigInteger(clamped, isUnsigned: true);
    }

    private static BigInteger HashToScalar(byte[] data) => new BigInteger(SHA512.HashData(data), isUnsigned: true) % Order;

    private static Point Multiply(Point point, BigInteger scalar)
    {
        var sum = Point.FromAffine(0, 1);
        for (; !scalar.IsZero; scalar >>= 1)
        {
            sum = scalar.IsEven ? sum : sum.Add(point);
            point = point.Add(point);
        }

        return sum;
    }

    private static byte[] Encode(Point point)
    {
        var inverse = Inverse(point.Z);
        var bytes = LittleEndian(Mod(point.Y * inverse));
        bytes[31] |= (byte)(Mod(point.X * inverse).IsEven ? 0 : 0x80);
        return bytes;
    }

    private static byte[] LittleEndian(BigInteger value)
    {
        var bytes = new byte[32];
        value.TryWriteBytes(bytes, out _, isUnsigned: true);
        return bytes;
    }

    private static BigInteger Inverse(BigInteger value) => BigInteger.ModPow(Mod(value), P - 2, P);

    private static BigInteger Mod(BigInteger value)
    {
        var remainder = value % P;
        return remainder.Sign < 0 ? remainder + P : remainder;
    }

    /// <summary>Extended homogeneous coordinates, with the complete addition of section 5.1.4.</summary>
    private readonly record struct Point(BigInteger X, BigInteger Y, BigInteger Z, BigInteger T)
    {
        public static Point FromAffine(BigInteger x, BigInteger y) => new(x, y, 1, Mod(x * y));

        public Point Add(Point other)
        {
            var a = (Y - X) * (other.Y - other.X);
            var b = (Y + X) * (other.Y + other.X);
            var c = 2 * T * other.T * D;
            var d = 2 * Z * other.Z;
            BigInteger e = b - a, f = Mod(d - c), g = Mod(d + c), h = b + a;
            return new(Mod(e * f), Mod(g * h), Mod(f * g), Mod(e * h));
        }
    }
}
