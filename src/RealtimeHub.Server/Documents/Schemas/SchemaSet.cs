using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Server.Documents.Schemas;

/// <summary>The schemas (JSON Schema 2020-12) that one document names, each once.</summary>
/// <remarks>
/// Requests are closed, because what is unknown is refused, and take null for an absent member. Everything else is open: clients ignore
/// what they do not know, so that additions break nobody.
/// </remarks>
/// <param name="source">What schemas are made from.</param>
/// <param name="home">Where the document keeps them: <c>#/$defs/</c>.</param>
internal sealed class SchemaSet(SchemaSource source, string home)
{
    private readonly SortedDictionary<string, JsonObject?> schemas = new(StringComparer.Ordinal);

    /// <summary>All that was named, by name.</summary>
    public JsonObject ToJson() => new(schemas.Select(s => KeyValuePair.Create(s.Key, (JsonNode?)s.Value!.DeepClone())));

    /// <summary>A reference to a schema that was added by hand.</summary>
    public JsonObject Add(string name, JsonObject schema)
    {
        schemas[name] = schema;
        return Ref(name);
    }

    /// <summary>A reference to what a request, or a part of one, must look like.</summary>
    public JsonObject Request(Type type) => Named(type, isRequest: true);

    /// <summary>A reference to what the server sends.</summary>
    public JsonObject Wire(Type type) => Named(type, isRequest: false);

    /// <summary>Whether a schema of that name is there, or on its way.</summary>
    public bool Has(string name) => schemas.ContainsKey(name);

    /// <summary>A reference by name.</summary>
    public JsonObject Ref(string name) => new() { ["$ref"] = home + name };

    /// <summary>The schema of a request by itself, to be changed for a place that takes a part of it.</summary>
    public JsonObject RequestCopy(Type type) => Generate(SchemaSource.Requests.GetTypeInfo(type), isRequest: true);

    /// <summary>The schema of something that the server sends by itself, to be changed for a place that says more of it.</summary>
    public JsonObject WireCopy(Type type) => Generate(SchemaSource.Wire.GetTypeInfo(type), isRequest: false);

    /// <summary>What a type is called: <c>Reply&lt;SendMessageResult&gt;</c> is SendMessageReply.</summary>
    public static string NameOf(Type type, bool isRequest)
    {
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Reply<>))
        {
            var value = type.GetGenericArguments()[0].Name;
            return (value.EndsWith("Result", StringComparison.Ordinal) ? value[..^"Result".Length] : value) + "Reply";
        }

        // What is both is looser when it is read from us.
        return isRequest && SchemaSource.IsOnTheWire(type) ? $"{type.Name}Input" : type.Name;
    }

    private JsonObject Named(Type type, bool isRequest)
    {
        var options = isRequest ? SchemaSource.Requests : SchemaSource.Wire;
        var info = options.GetTypeInfo(type);
        if (info.Kind != JsonTypeInfoKind.Object)
        {
            return Generate(info, isRequest);
        }

        if (type == typeof(Event) && !isRequest)
        {
            return EventSchemas.AddTo(this);
        }

        var name = NameOf(type, isRequest);
        if (schemas.TryAdd(name, null))
        {
            schemas[name] = Generate(info, isRequest);
        }

        return Ref(name);
    }

    private JsonObject Generate(JsonTypeInfo info, bool isRequest) => (JsonObject)info.GetJsonSchemaAsNode(new JsonSchemaExporterOptions
    {
        TreatNullObliviousAsNonNullable = true,
        TransformSchemaNode = (context, node) => Transform(context, node as JsonObject ?? [], isRequest),
    });

    private JsonObject Transform(JsonSchemaExporterContext context, JsonObject generated, bool isRequest)
    {
        var type = Nullable.GetUnderlyingType(context.TypeInfo.Type) ?? context.TypeInfo.Type;
        var info = context.TypeInfo.Options.GetTypeInfo(type);
        return info.Kind == JsonTypeInfoKind.Object && !context.Path.IsEmpty
            ? Named(type, isRequest)
            : info.Kind == JsonTypeInfoKind.Object ? OfObject(info, generated, isRequest)
            : type.IsEnum ? OfEnum(type)
            : type == typeof(DateTimeOffset) ? new JsonObject { ["type"] = "string", ["format"] = "date-time" }
            : OfValue(type, generated);
    }

    private JsonObject OfObject(JsonTypeInfo info, JsonObject generated, bool isRequest)
    {
        var schema = new JsonObject { ["title"] = NameOf(info.Type, isRequest) };
        if (source.Summaries.Of(info.Type) is { } summary)
        {
            schema["description"] = summary;
        }

        schema["type"] = "object";
        var properties = generated["properties"] as JsonObject ?? [];
        var members = info.Properties.Where(p => properties.ContainsKey(p.Name)).ToList();
        schema["properties"] = new JsonObject(members.Select(p => KeyValuePair.Create(
            p.Name, (JsonNode?)OfMember(info.Type, p, properties[p.Name] as JsonObject ?? [], isRequest))));
        if (members.Where(p => IsRequired(p, isRequest)).Select(p => (JsonNode)p.Name).ToArray() is { Length: > 0 } required)
        {
            schema["required"] = new JsonArray(required);
        }

        if (isRequest)
        {
            schema["additionalProperties"] = false;
        }

        return schema;
    }

    private JsonObject OfMember(Type type, JsonPropertyInfo property, JsonObject generated, bool isRequest)
    {
        var schema = RawMembers.Find(this, type, property.Name) ?? generated.DeepClone().AsObject();
        schema.Remove("default");
        if (isRequest && source.ShapeOf(type, property.Name) is { } shape)
        {
            Shapes.Add(shape, schema);
        }

        if (property.IsSetNullable && (isRequest || source.Data.Contains(type)) && schema.Count > 0)
        {
            schema = WithNull(schema);
        }

        if (source.Summaries.Of(type, ClrNameOf(property)) is { } summary)
        {
            schema["description"] = schema["description"] is { } own ? $"{summary} {own}" : summary;
        }

        return schema;
    }

    // The serializer leaves the absence of a request's member to the validators, which ask for what the record requires.
    private static bool IsRequired(JsonPropertyInfo property, bool isRequest) => isRequest
        ? property.IsRequired || property.AttributeProvider?.IsDefined(typeof(RequiredMemberAttribute), inherit: true) == true
            || (property.AssociatedParameter is { HasDefaultValue: false } && !property.IsSetNullable)
        : property.IsRequired;

    private JsonObject OfEnum(Type type)
    {
        var names = Enum.GetNames(type);
        var lines = names.Select(n => (Name: JsonNamingPolicy.SnakeCaseLower.ConvertName(n), Text: source.Summaries.OfValue(type, n)))
            .Where(v => v.Text is not null).Select(v => $"`{v.Name}`: {v.Text}");
        var schema = new JsonObject
        {
            ["type"] = "string",
            ["enum"] = new JsonArray([.. names.Select(n => (JsonNode)JsonNamingPolicy.SnakeCaseLower.ConvertName(n))]),
        };
        if (string.Join(' ', lines) is { Length: > 0 } description)
        {
            schema["description"] = description;
        }

        return schema;
    }

    private static JsonObject OfValue(Type type, JsonObject generated)
    {
        var schema = generated.DeepClone().AsObject();
        if (schema["type"] is JsonArray types)
        {
            schema["type"] = types.First(t => (string)t! != "null")!.DeepClone();
        }

        if (type == typeof(JsonObject))
        {
            schema["type"] = "object";
        }

        return schema;
    }

    private static JsonObject WithNull(JsonObject schema)
    {
        if (schema["enum"] is null && schema["type"] is JsonValue type)
        {
            schema["type"] = new JsonArray(type.DeepClone(), "null");
            return schema;
        }

        return new JsonObject { ["anyOf"] = new JsonArray(schema, new JsonObject { ["type"] = "null" }) };
    }

    private static string ClrNameOf(JsonPropertyInfo property) =>
        (property.AttributeProvider as MemberInfo)?.Name ?? char.ToUpperInvariant(property.Name[0]) + property.Name[1..];
}
