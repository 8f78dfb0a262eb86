using System.Security.Cryptography;
using System.Text;

namespace RealtimeHub.Sqlite.Log;

/// <summary>128 bits of an event id's SHA-256: what the database knows the id by. Shorter than most ids, and of one length.</summary>
internal static class EventIdHash
{
    public static byte[] Of(string id) => SHA256.HashData(Encoding.UTF8.GetBytes(id))[..16];
}
