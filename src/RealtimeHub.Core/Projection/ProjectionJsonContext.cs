using System.Text.Json.Serialization;

namespace RealtimeHub.Core.Projection;

/// <summary>What the projector keeps in documents.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ProjectorPosition))]
[JsonSerializable(typeof(ListEntry))]
[JsonSerializable(typeof(OpenRun))]
internal sealed partial class ProjectionJsonContext : JsonSerializerContext;
