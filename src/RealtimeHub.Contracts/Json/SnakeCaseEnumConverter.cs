using System.Text.Json;
using System.Text.Json.Serialization;

namespace RealtimeHub.Contracts;

/// <summary>Enums as lower_snake strings, never as numbers.</summary>
internal sealed class SnakeCaseEnumConverter<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false)
    where T : struct, Enum;
