using System.Reflection;
using System.Text.Json.Nodes;
using RealtimeHub.Contracts;

namespace RealtimeHub.Server.Documents.Schemas;

/// <summary>The JSON Schemas as files, each complete in itself: <c>/schemas/v1/{name}.json</c>.</summary>
internal static class SchemaFiles
{
    /// <summary>Where they are.</summary>
    public const string Folder = "/schemas/v1/";

    private const string Draft = "https://json-schema.org/draft/2020-12/schema";

    /// <summary>What the server sends without being asked, by hub; their first parameters are the messages.</summary>
    public static IReadOnlyList<Type> Clients { get; } = [typeof(IEventsClient), typeof(IOperatorClient), typeof(IAgentClient)];

    /// <summary>Every file by name, <c>index</c> among them.</summary>
    public static IReadOnlyDictionary<string, JsonObject> All(SchemaSource source)
    {
        var files = new Dictionary<string, JsonObject>(StringComparer.Ordinal)
        {
            ["events"] = File(source, "events", "An event, as clients see it.", schemas => [EventSchemas.AddTo(schemas)]),
            ["requests"] = File(source, "requests", "A request, as hub methods take it.", schemas => [.. RequestTypes(source).Select(schemas.Request)]),
            ["replies"] = File(source, "replies", "A reply of a hub method; its value is also the answer over HTTP.", schemas =>
                [.. ReplyTypes(source).Select(schemas.Wire)]),
            ["messages"] = File(source, "messages", "What the server sends on a hub without being asked.", schemas => [.. MessageTypes().Select(schemas.Wire)]),
            ["states"] = File(source, "states", "The state of a topic, as snapshots hold it.", schemas => [.. StateTypes.Select(schemas.Wire)]),
            ["problem"] = File(source, "problem", "An error over HTTP (RFC 9457).", schemas => [ProblemSchema.AddTo(schemas)]),
        };
        files["index"] = Index(files);
        return files;
    }

    /// <summary>The states that topics have.</summary>
    public static IReadOnlyList<Type> StateTypes { get; } =
        [.. typeof(TopicState).Assembly.GetExportedTypes().Where(t => t.IsSubclassOf(typeof(TopicState))).OrderBy(t => t.Name, StringComparer.Ordinal)];

    /// <summary>The state of topics of a kind; null for a kind that has none yet.</summary>
    public static Type? StateOf(string kind) => StateTypes.FirstOrDefault(t => t.Name.Equals($"{kind}TopicState", StringComparison.OrdinalIgnoreCase));

    private static IEnumerable<Type> RequestTypes(SchemaSource source) =>
        source.UseCases.All.Select(u => u.RequestType).OrderBy(t => t.Name, StringComparer.Ordinal);

    private static IEnumerable<Type> ReplyTypes(SchemaSource source) => source.UseCases.All
        .Select(u => typeof(Reply<>).MakeGenericType(u.ValueType)).Distinct().OrderBy(t => SchemaSet.NameOf(t, isRequest: false), StringComparer.Ordinal);

    private static IEnumerable<Type> MessageTypes() => Clients
        .SelectMany(c => c.GetInterfaces().Append(c)).SelectMany(c => c.GetMethods(BindingFlags.Public | BindingFlags.Instance))
        .Select(m => m.GetParameters()[0].ParameterType).Distinct().OrderBy(t => t.Name, StringComparer.Ordinal);

    private static JsonObject File(SchemaSource source, string name, string description, Func<SchemaSet, JsonObject[]> fill)
    {
        var schemas = new SchemaSet(source, "#/$defs/");
        var any = fill(schemas);
        return new JsonObject
        {
            ["$schema"] = Draft,
            ["$id"] = $"{Folder}{name}.json",
            ["description"] = description,
            ["anyOf"] = new JsonArray(any),
            ["$defs"] = schemas.ToJson(),
        };
    }

    private static JsonObject Index(Dictionary<string, JsonObject> files) => new(files
        .OrderBy(f => f.Key, StringComparer.Ordinal)
        .Select(f => KeyValuePair.Create(f.Key, (JsonNode?)new JsonObject
        {
            ["href"] = $"{Folder}{f.Key}.json",
            ["description"] = f.Value["description"]!.DeepClone(),
            ["schemas"] = new JsonArray([.. f.Value["$defs"]!.AsObject().Select(d => (JsonNode)d.Key)]),
        })));
}
