using System.Globalization;
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
    /// <param name="source">Where the event lives.</param>
    /// <param name="sequence">Its sequence there.</param>
    /// <param name="target">Where it is copied to.</param>
    /// <param name="taken">Sequence of the event there that somebody gave the copy's id; it is in the other id, so that this, too, can be told.</param>
    public static string ForCopy(TopicKey source, long sequence, Topic target, long taken = 0) =>
        taken == 0 ? For("copy", source, sequence, target.ToString()) : $"{For("copy", source, sequence, $"{target}\n{taken}")}-{taken}";

    /// <summary>Whether the service made this as a copy. An origin alone says little: services that publish to the backbone write what they like.</summary>
    public static bool IsCopy(StoredEvent e) =>
        e.Origin is { } origin && Topic.TryParse(origin.Topic, out var source)
        && e.Id == ForCopy(e.Topic with { Topic = source }, origin.Seq, e.Topic.Topic, TakenIn(e.Id));

    private static long TakenIn(string id) =>
        id.IndexOf('-', StringComparison.Ordinal) is > 0 and var dash
        && long.TryParse(id.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var taken) ? taken : 0;
}
