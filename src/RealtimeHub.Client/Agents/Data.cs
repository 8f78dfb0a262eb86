using System.Text.Json;
using RealtimeHub.Contracts;

namespace RealtimeHub.Client;

/// <summary>Event data between records and raw JSON.</summary>
internal static class Data
{
    public static JsonElement Of<T>(T data) => JsonSerializer.SerializeToElement(data, ContractsJson.WireType<T>());

    public static T? As<T>(JsonElement data)
        where T : class => data.Deserialize(ContractsJson.WireType<T>());
}
