using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Server.Documents.Schemas;

/// <summary>What schemas are made from: how types are written, what the code says of them, and what validators ask of their members.</summary>
internal sealed class SchemaSource
{
    public SchemaSource(UseCases useCases)
    {
        UseCases = useCases;
        foreach (var (type, members) in useCases.ShapesOfMembers)
        {
            foreach (var (member, keywords) in members)
            {
                var key = (type, JsonNamingPolicy.CamelCase.ConvertName(member));
                Shapes[key] = Shapes.TryGetValue(key, out var others) ? InAllOf(others, keywords) : keywords;
            }
        }

        foreach (var type in EventTypes.Registered)
        {
            CollectData(type.Data);
        }
    }

    /// <summary>Every request type that may run.</summary>
    public UseCases UseCases { get; }

    /// <summary>The documentation of Contracts.</summary>
    public XmlSummaries Summaries { get; } = new();

    /// <summary>Types that are an event's data or part of it: raw JSON of the publisher, which may hold null where a member may be absent.</summary>
    public HashSet<Type> Data { get; } = [];

    /// <summary>How requests are read. The server's own types that Contracts does not know are read by reflection.</summary>
    public static JsonSerializerOptions Requests { get; } = WithOwnTypes(ContractsJson.Requests);

    /// <summary>How everything else is written.</summary>
    public static JsonSerializerOptions Wire { get; } = WithOwnTypes(ContractsJson.Wire);

    private Dictionary<(Type Type, string Member), JsonObject> Shapes { get; } = [];

    /// <summary>What the validators ask of a member; null when nothing that a schema could say.</summary>
    public JsonObject? ShapeOf(Type type, string member) => Shapes.GetValueOrDefault((type, member));

    /// <summary>Whether a type is on the wire outside of requests, too.</summary>
    public static bool IsOnTheWire(Type type) => ContractsJson.Wire.TypeInfoResolver!.GetTypeInfo(type, ContractsJson.Wire) is not null;

    private static JsonSerializerOptions WithOwnTypes(JsonSerializerOptions options)
    {
        var all = new JsonSerializerOptions(options)
        {
            TypeInfoResolver = JsonTypeInfoResolver.Combine(options.TypeInfoResolver, new DefaultJsonTypeInfoResolver()),
        };
        all.MakeReadOnly();
        return all;
    }

    // Two requests that ask different things of a type that they share are both right only where both say the same.
    private static JsonObject InAllOf(JsonObject one, JsonObject other) =>
        new(one.Where(k => JsonNode.DeepEquals(k.Value, other[k.Key])).Select(k => KeyValuePair.Create(k.Key, k.Value?.DeepClone())));

    private void CollectData(Type type)
    {
        var info = Wire.GetTypeInfo(type);
        if (info.Kind == JsonTypeInfoKind.Enumerable)
        {
            CollectData(info.ElementType!);
        }
        else if (info.Kind == JsonTypeInfoKind.Object && Data.Add(type))
        {
            foreach (var property in info.Properties)
            {
                CollectData(property.PropertyType);
            }
        }
    }
}
