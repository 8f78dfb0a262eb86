using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using RealtimeHub.Contracts;

namespace RealtimeHub.Server.Hubs.Protocols;

/// <summary>How hub methods' parameters and results are read and written. Both hub protocols go through it, so they cannot differ.</summary>
internal static class HubJson
{
    /// <summary>Deepest nesting of a hub message. Far above that of a request, so that a request that is too deep is told so.</summary>
    /// <remarks>It is also what the JSON protocol's own reader allows: deeper than this, it would end the connection (<see cref="ShallowJsonProtocol"/>).</remarks>
    public const int MaxDepth = 64;

    /// <summary>Requests in a <see cref="Body{T}"/> by <see cref="ContractsJson.Requests"/>, everything else by <see cref="ContractsJson.Wire"/>.</summary>
    public static JsonSerializerOptions Options { get; } = Create();

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions(ContractsJson.Wire)
        {
            MaxDepth = MaxDepth,

            // The last one is for what no contract describes: the protocol's plain parameters, and Body<T>, which its converter knows.
            TypeInfoResolver = JsonTypeInfoResolver.Combine(ContractsJson.Wire.TypeInfoResolver, new DefaultJsonTypeInfoResolver()),
        };
        options.Converters.Add(new BodyConverterFactory());
        options.Converters.Add(new RequestConverterFactory());
        options.MakeReadOnly();
        return options;
    }
}
