using System.Text.Json.Nodes;
using RealtimeHub.Contracts;

namespace RealtimeHub.Server.Documents.Schemas;

/// <summary>The envelope of an event, once for each type that it may say: which data there is follows from <c>type</c>.</summary>
internal static class EventSchemas
{
    /// <summary>The name of the schema of any event.</summary>
    public const string Any = "AnyEvent";

    /// <summary>Adds an event schema for each type of the registry, one for <c>custom.*</c>, and the one of all; answers a reference to that.</summary>
    public static JsonObject AddTo(SchemaSet schemas)
    {
        if (schemas.Has(Any))
        {
            return schemas.Ref(Any);
        }

        var envelope = schemas.WireCopy(typeof(Event));
        var branches = EventTypes.Registered.Select(type => schemas.Add(NameOf(type.Name), Branch(
            envelope,
            NameOf(type.Name),
            $"An event of the {type.Lane.ToString().ToLowerInvariant()} lane.",
            new JsonObject { ["const"] = type.Name },
            schemas.Wire(type.Data))));
        var custom = schemas.Add("CustomEvent", Branch(
            envelope,
            "CustomEvent",
            "An event of a platform's own type, of the state lane.",
            new JsonObject { ["type"] = "string", ["pattern"] = EventTypes.CustomPattern, ["maxLength"] = EventTypes.MaxLength },
            new JsonObject { ["description"] = "Any JSON up to 64 KiB, 32 levels deep." }));
        return schemas.Add(Any, new JsonObject
        {
            ["title"] = Any,
            ["description"] = "An event as clients see it; its `type` says what its `data` holds. Types may be added: leave out what is unknown.",
            ["oneOf"] = new JsonArray([.. branches, custom]),
        });
    }

    /// <summary><c>tool_call.arguments_delta</c> is ToolCallArgumentsDeltaEvent.</summary>
    public static string NameOf(string type) =>
        string.Concat(type.Split('.', '_').Select(word => char.ToUpperInvariant(word[0]) + word[1..])) + "Event";

    private static JsonObject Branch(JsonObject envelope, string title, string description, JsonObject type, JsonObject data)
    {
        var branch = envelope.DeepClone().AsObject();
        branch["title"] = title;
        branch["description"] = description;
        branch["properties"]!["type"] = type;
        branch["properties"]!["data"] = data;
        return branch;
    }
}
