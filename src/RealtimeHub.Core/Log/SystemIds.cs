using System.Security.Cryptography;
using System.Text;
using RealtimeHub.Contracts;

namespace RealtimeHub.Core.Log;

/// <summary>Ids of what the service itself appends: the same cause always makes the same one, so that what was done is recognized.</summary>
internal static class SystemIds
{
    /// <summary>An id for what follows from a cause.</summary>
    public static string For(string purpose, TopicKey topic, long sequence, string detail = "") =>
        Convert.ToHexStringLower(
            SHA256.HashData(Encoding.UTF8.GetBytes($"{purpose}\n{topic}\n{sequence}\n{detail}")).AsSpan(0, 16));

    /// <summary>The id of an event's copy in another topic.</summary>
    public static string ForCopy(TopicKey source, long sequence, Topic target) => For("copy", source, sequence, target.ToString());

    /// <summary>Whether the service made this as a copy. An origin alone says little: services that publish to the backbone write what they like.</summary>
    public static bool IsCopy(StoredEvent e) =>
        e.Origin is { } origin && Topic.TryParse(origin.Topic, out var source)
        && e.Id == ForCopy(e.Topic with { Topic = source }, origin.Seq, e.Topic.Topic);
}
