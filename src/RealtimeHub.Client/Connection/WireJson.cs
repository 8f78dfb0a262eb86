using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using RealtimeHub.Contracts;

namespace RealtimeHub.Client.Connection;

/// <summary>One set of JSON options for everything that a hub connection reads and writes.</summary>
internal static class WireJson
{
    public static JsonSerializerOptions Options { get; } = Combined();

    private static JsonSerializerOptions Combined()
    {
        var options = new JsonSerializerOptions(ContractsJson.Wire)
        {
            TypeInfoResolver = JsonTypeInfoResolver.Combine(
                ContractsJson.Wire.TypeInfoResolver, ContractsJson.Requests.TypeInfoResolver),

            // The wire leaves nulls out, so an absent `ref` or `cursor` is a null, not a fault.
            RespectRequiredConstructorParameters = false,
        };

        var known = options.Converters.Select(converter => converter.GetType()).ToHashSet();
        foreach (var converter in ContractsJson.Requests.Converters.Where(converter => known.Add(converter.GetType())))
        {
            options.Converters.Add(converter);
        }

        options.MakeReadOnly();
        return options;
    }
}
