using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace RealtimeHub.Contracts;

/// <summary>How the wire is read and written, on every surface: camelCase, enums as lower_snake strings, nulls left out.</summary>
public static class ContractsJson
{
    /// <summary>Deepest nesting of the JSON that a request carries: an event's data, a run's input.</summary>
    public const int MaxDepth = 32;

    /// <summary>Deepest nesting of a request: what it carries, and what is around it.</summary>
    internal const int MaxRequestDepth = MaxDepth + 4;

    /// <summary>Requests: what is unknown, duplicated or ill-typed throws a <see cref="JsonException"/> with the member's path.</summary>
    /// <remarks>An absent required member is left to the validators, which name it; null for one is refused like any ill-typed value. An absent
    /// enum throws: a validator could not tell it from the enum's first value.</remarks>
    public static JsonSerializerOptions Requests { get; } = Frozen(new JsonSerializerOptions(RequestJsonContext.Default.Options)
    {
        TypeInfoResolver = RequestJsonContext.Default.WithAddedModifier(LeaveAbsenceToValidators),
    });

    /// <summary>Events, replies and pushes: a reader ignores unknown members. What is null is not written, so it is never missing either.</summary>
    public static JsonSerializerOptions Wire { get; } = Frozen(new JsonSerializerOptions(WireJsonContext.Default.Options)
    {
        TypeInfoResolver = WireJsonContext.Default.WithAddedModifier(LeaveOutWhatMayBeNull),
    });

    /// <summary>What a request type, an event's data or a reply is called in JSON, and how it is built.</summary>
    public static JsonTypeInfo<T> WireType<T>() => (JsonTypeInfo<T>)Wire.GetTypeInfo(typeof(T));

    /// <summary>How a request is read and written.</summary>
    public static JsonTypeInfo<T> RequestType<T>() => (JsonTypeInfo<T>)Requests.GetTypeInfo(typeof(T));

    private static JsonSerializerOptions Frozen(JsonSerializerOptions options)
    {
        // Text that people wrote stays readable; the bytes are never put into HTML unescaped.
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        options.MakeReadOnly();
        return options;
    }

    private static void LeaveOutWhatMayBeNull(JsonTypeInfo type)
    {
        foreach (var property in type.Properties)
        {
            property.IsRequired &= !property.IsSetNullable;
        }
    }

    private static void LeaveAbsenceToValidators(JsonTypeInfo type)
    {
        foreach (var property in type.Properties)
        {
            property.IsRequired = property.PropertyType.IsEnum;
        }
    }
}
