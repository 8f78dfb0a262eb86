using System.Text.Json;
using RealtimeHub.Contracts;

namespace RealtimeHub.Core.Projection;

/// <summary>A topic as it stands in a list: what is shown, who may see it, and what it is ordered by.</summary>
internal sealed record ListEntry(string Topic, DateTimeOffset UpdatedAt, JsonElement Item, IReadOnlyList<Subject> Readers);
