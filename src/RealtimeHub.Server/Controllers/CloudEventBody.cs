using System.Text.Json;
using CloudNative.CloudEvents;
using CloudNative.CloudEvents.SystemTextJson;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Server.Controllers;

/// <summary>Reads CloudEvents 1.0 in JSON as the request that PublishEvents is. From there on nothing tells them apart.</summary>
/// <remarks>
/// <c>id</c>, <c>type</c>, <c>time</c>, <c>data</c> and the extensions <c>runid</c> and <c>traceparent</c> are the event's; <c>agentid</c> is
/// the request's. <c>source</c> must be there, as the standard says, and is not kept: who publishes is known by the token. Other extensions are not kept.
/// </remarks>
internal static class CloudEventBody
{
    private const string One = "application/cloudevents+json";

    private const string Batch = "application/cloudevents-batch+json";

    private static readonly string[] Required = ["specversion", "id", "source", "type"];

    private static readonly string[] Texts =
        ["specversion", "id", "source", "type", "time", "subject", "datacontenttype", "dataschema", "runid", "agentid", "traceparent"];

    private static readonly JsonEventFormatter Formatter = new();

    /// <summary>What to read the body of a request by; null when it holds no CloudEvents.</summary>
    public static Func<JsonElement, (JsonElement, Error?)>? ReaderOf(HttpRequest request, string topic) =>
        request.GetTypedHeaders().ContentType?.MediaType.Value?.ToLowerInvariant() switch
        {
            One => body => Read([body], topic),
            Batch => body => body.ValueKind == JsonValueKind.Array ? Read([.. body.EnumerateArray()], topic) : (body, Error.Invalid("$", "must be a list of events")),
            _ => null,
        };

    private static (JsonElement, Error?) Read(IReadOnlyList<JsonElement> bodies, string topic)
    {
        var events = new List<CloudEvent>();
        for (var i = 0; i < bodies.Count; i++)
        {
            var path = $"events[{i}]";
            if (Problem(bodies[i], path, topic) is { } problem)
            {
                return (default, problem);
            }

            try
            {
                events.Add(Formatter.ConvertFromJsonElement(bodies[i], extensionAttributes: null));
            }
            catch (Exception e) when (e is ArgumentException or FormatException or JsonException or InvalidOperationException or NotSupportedException)
            {
                return (default, Error.Invalid(path, "is no CloudEvent of version 1.0"));
            }

            if (Text(events[i], "agentid") != Text(events[0], "agentid"))
            {
                return (default, Error.Invalid($"{path}.agentid", "must be the same for all events"));
            }
        }

        return (Write(events), null);
    }

    // What the formatter would refuse without saying where, or take for something else.
    private static Error? Problem(JsonElement body, string path, string topic)
    {
        if (body.ValueKind != JsonValueKind.Object)
        {
            return Error.Invalid(path, "must be an object");
        }

        if (!JsonText.IsWellFormed(body))
        {
            return Error.Invalid(path, "must hold no lone surrogate, no member twice, and at most 32 levels");
        }

        foreach (var name in Texts)
        {
            var isGiven = body.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null;
            if (isGiven ? value.ValueKind != JsonValueKind.String || value.GetString()!.Length == 0 : Required.Contains(name))
            {
                return Error.Invalid($"{path}.{name}", "must be text that is not empty");
            }
        }

        if (!body.GetProperty("specversion"u8).ValueEquals("1.0"u8))
        {
            return Error.Invalid($"{path}.specversion", "must be 1.0");
        }

        if (body.TryGetProperty("data_base64"u8, out _))
        {
            return Error.Invalid($"{path}.data_base64", "is not taken: data must be JSON");
        }

        if (TextOf(body, "datacontenttype") is { } type && !type.Equals("application/json", StringComparison.OrdinalIgnoreCase))
        {
            return Error.Invalid($"{path}.datacontenttype", "must be application/json");
        }

        if (TextOf(body, "time") is { } time && !CloudEventAttributeType.Timestamp.IsValid(time))
        {
            return Error.Invalid($"{path}.time", "must be an RFC 3339 time");
        }

        return TextOf(body, "subject") is { } subject && subject != topic ? Error.Invalid($"{path}.subject", "must be the topic, or absent") : null;
    }

    private static string? TextOf(JsonElement body, string name) =>
        body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static bool IsValid(this CloudEventAttributeType type, string text)
    {
        try
        {
            return type.Parse(text) is not null;
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            return false;
        }
    }

    private static string? Text(CloudEvent e, string name) => e[name] as string;

    private static JsonElement Write(List<CloudEvent> events)
    {
        using var output = new MemoryStream();
        using (var writer = new Utf8JsonWriter(output))
        {
            writer.WriteStartObject();
            if (events is [var first, ..])
            {
                WriteText(writer, "agentId", Text(first, "agentid"));
            }

            writer.WriteStartArray("events"u8);
            foreach (var e in events)
            {
                Write(writer, e);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return BodyMembers.Parse(output.ToArray());
    }

    private static void Write(Utf8JsonWriter writer, CloudEvent e)
    {
        writer.WriteStartObject();
        WriteText(writer, "id", e.Id);
        WriteText(writer, "type", e.Type);
        WriteText(writer, "runId", Text(e, "runid"));
        WriteText(writer, "traceparent", Text(e, "traceparent"));
        if (e.Time is { } time)
        {
            writer.WritePropertyName("time"u8);
            JsonSerializer.Serialize(writer, time, ContractsJson.WireType<DateTimeOffset>());
        }

        if (e.Data is JsonElement data)
        {
            writer.WritePropertyName("data"u8);
            data.WriteTo(writer);
        }
        else
        {
            writer.WriteNull("data"u8);
        }

        writer.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter writer, string name, string? value)
    {
        if (value is not null)
        {
            writer.WriteString(name, value);
        }
    }
}
