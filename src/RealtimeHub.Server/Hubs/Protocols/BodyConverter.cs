using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using RealtimeHub.Contracts;

namespace RealtimeHub.Server.Hubs.Protocols;

/// <summary>Reads a <see cref="Body{T}"/> from whatever JSON value is there.</summary>
internal sealed class BodyConverterFactory : JsonConverterFactory
{
    public override bool CanConvert(Type typeToConvert) =>
        typeToConvert.IsGenericType && typeToConvert.GetGenericTypeDefinition() == typeof(Body<>);

    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(BodyConverter<>).MakeGenericType(typeToConvert.GetGenericArguments()))!;
}

/// <inheritdoc cref="BodyConverterFactory"/>
internal sealed class BodyConverter<T> : JsonConverter<Body<T>>
    where T : class
{
    public override bool HandleNull => true;

    public override Body<T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        // The reader carries the hub's depth limit, not that of requests, so the value is taken out and read anew. Nothing in it is
        // looked at here but its nesting.
        using var document = JsonDocument.ParseValue(ref reader);
        return Body<T>.Bind(JsonMarshal.GetRawUtf8Value(document.RootElement));
    }

    public override void Write(Utf8JsonWriter writer, Body<T> value, JsonSerializerOptions options)
    {
        if (value.Value is null)
        {
            throw new NotSupportedException("A body that did not bind has no JSON.");
        }

        JsonSerializer.Serialize(writer, value.Value, ContractsJson.RequestType<T>());
    }
}
