using System.Text.Json;
using System.Text.Json.Serialization;
using RealtimeHub.Contracts;

namespace RealtimeHub.Server.Hubs.Protocols;

/// <summary>Reads a request that stands outside a <see cref="Body{T}"/> as strictly as one inside; what does not bind fails the call.</summary>
internal sealed class RequestConverterFactory : JsonConverterFactory
{
    /// <summary>What both directions use is read leniently: it is not a request by itself.</summary>
    public override bool CanConvert(Type typeToConvert) =>
        typeToConvert.Assembly == typeof(ContractsJson).Assembly
        && ContractsJson.Wire.TypeInfoResolver!.GetTypeInfo(typeToConvert, ContractsJson.Wire) is null
        && ContractsJson.Requests.TypeInfoResolver!.GetTypeInfo(typeToConvert, ContractsJson.Requests) is not null;

    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(RequestConverter<>).MakeGenericType(typeToConvert))!;
}

/// <inheritdoc cref="RequestConverterFactory"/>
internal sealed class RequestConverter<T> : JsonConverter<T>
{
    public override T? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        JsonSerializer.Deserialize(ref reader, ContractsJson.RequestType<T>());

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, value, ContractsJson.RequestType<T>());
}
