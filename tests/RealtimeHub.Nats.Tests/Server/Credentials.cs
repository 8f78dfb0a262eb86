using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using NATS.NKeys;

namespace RealtimeHub.Nats.Tests.Server;

/// <summary>An operator, an account and a user of its own: what <c>nsc</c> would make for a nats-server with JWTs.</summary>
internal sealed class Credentials
{
    private const byte Operator = 14 << 3;
    private const byte Account = 0;
    private const byte User = 20 << 3;

    public Credentials()
    {
        using var @operator = KeyPair.FromSeed(NewSeed(Operator));
        using var account = KeyPair.FromSeed(NewSeed(Account));
        var userSeed = NewSeed(User);
        using var user = KeyPair.FromSeed(userSeed);
        var unlimited = new[] { "subs", "data", "payload", "imports", "exports", "conn", "leaf", "mem_storage", "disk_storage", "streams", "consumer" };
        var limits = new JsonObject(unlimited.Select(name => KeyValuePair.Create(name, (JsonNode?)-1))) { ["wildcards"] = true };
        var operatorToken = Sign(@operator, @operator, new JsonObject { ["type"] = "operator", ["version"] = 2 });
        using var system = KeyPair.FromSeed(NewSeed(Account));
        var systemToken = Sign(@operator, system, new JsonObject { ["limits"] = WithoutStorage(limits), ["type"] = "account", ["version"] = 2 });
        var accountToken = Sign(@operator, account, new JsonObject { ["limits"] = limits, ["type"] = "account", ["version"] = 2 });
        var userToken = Sign(account, user, new JsonObject { ["subs"] = -1, ["data"] = -1, ["payload"] = -1, ["type"] = "user", ["version"] = 2 });
        ServerConfiguration = $$"""
            operator: {{operatorToken}}
            resolver: MEMORY
            system_account: {{system.GetPublicKey()}}
            resolver_preload: { {{system.GetPublicKey()}}: {{systemToken}}, {{account.GetPublicKey()}}: {{accountToken}} }
            """;
        File = $"""
            -----BEGIN NATS USER JWT-----
            {userToken}
            ------END NATS USER JWT------

            -----BEGIN USER NKEY SEED-----
            {userSeed}
            ------END USER NKEY SEED------

            """;
    }

    /// <summary>Has the server take this user and nobody else.</summary>
    public string ServerConfiguration { get; }

    /// <summary>The user's credentials, as in a file.</summary>
    public string File { get; }

    private static string Sign(KeyPair issuer, KeyPair subject, JsonObject claims)
    {
        var token = new JsonObject
        {
            ["jti"] = Convert.ToHexString(RandomNumberGenerator.GetBytes(16)), ["iat"] = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds(),
            ["iss"] = issuer.GetPublicKey(), ["name"] = "tests", ["sub"] = subject.GetPublicKey(), ["nats"] = claims,
        };
        var signed = $"{Part("""{"typ":"JWT","alg":"ed25519-nkey"}""")}.{Part(token.ToJsonString(JsonSerializerOptions.Web))}";
        var signature = new byte[64];
        issuer.Sign(Encoding.ASCII.GetBytes(signed), signature);
        return $"{signed}.{System.Buffers.Text.Base64Url.EncodeToString(signature)}";
    }

    // JetStream keeps nothing for the system.
    private static JsonObject WithoutStorage(JsonObject limits)
    {
        var without = limits.DeepClone().AsObject();
        foreach (var name in (string[])["mem_storage", "disk_storage", "streams", "consumer"])
        {
            without.Remove(name);
        }

        return without;
    }

    private static string Part(string json) => System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));

    // A seed in NATS's encoding: two bytes of type, the key, a CRC-16 (XMODEM), all in base32.
    private static string NewSeed(byte type)
    {
        byte[] raw = [(byte)((18 << 3) | (type >> 5)), (byte)((type & 31) << 3), .. RandomNumberGenerator.GetBytes(32)];
        ushort crc = 0;
        foreach (var b in raw)
        {
            crc ^= (ushort)(b << 8);
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (ushort)((crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1);
            }
        }

        return Base32([.. raw, (byte)crc, (byte)(crc >> 8)]);
    }

    private static string Base32(byte[] data)
    {
        const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        var (text, bits, count) = (new StringBuilder(), 0, 0);
        foreach (var b in data)
        {
            (bits, count) = ((bits << 8) | b, count + 8);
            for (; count >= 5; count -= 5)
            {
                text.Append(Alphabet[(bits >> (count - 5)) & 31]);
            }

            bits &= (1 << count) - 1;
        }

        return (count > 0 ? text.Append(Alphabet[(bits << (5 - count)) & 31]) : text).ToString();
    }
}
