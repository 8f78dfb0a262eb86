using System.Text.Json;
using System.Text.Json.Serialization;
using RealtimeHub.Contracts;

namespace RealtimeHub.Core.Projection;

/// <summary>A topic or a run as it stands in a list: what is shown, who may see it, and what it is ordered by.</summary>
/// <param name="Topic">The topic; of a run, where it lives.</param>
/// <param name="UpdatedAt">Time of its newest event.</param>
/// <param name="Item">As it is shown.</param>
/// <param name="Readers">Who may see a topic. None for a run: the entry of its topic says so, as it is now.</param>
/// <param name="Sequence">Of its newest event: of two entries under one key the one with the higher is right, and of two of the same time it is the newer.</param>
/// <param name="RunId">Which run; null for a topic.</param>
internal sealed record ListEntry(
    string Topic, DateTimeOffset UpdatedAt, JsonElement Item, IReadOnlyList<Subject> Readers, long Sequence, string? RunId = null)
{
    /// <summary>Its name in its list, unlike any other's there.</summary>
    [JsonIgnore]
    public string Name { get; } = RunId is null ? Topic : $"{Topic} {RunId}";
}
