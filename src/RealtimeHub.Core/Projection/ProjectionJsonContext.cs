using System.Text.Json.Serialization;
using RealtimeHub.Core.Liveness;

namespace RealtimeHub.Core.Projection;

/// <summary>What the projector keeps in documents.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ProjectorPosition))]
[JsonSerializable(typeof(ListEntry))]
[JsonSerializable(typeof(OpenRun))]
[JsonSerializable(typeof(HubAgent))]
[JsonSerializable(typeof(AgentReport))]
[JsonSerializable(typeof(RemovalNotice))]
[JsonSerializable(typeof(string))]
internal sealed partial class ProjectionJsonContext : JsonSerializerContext;
