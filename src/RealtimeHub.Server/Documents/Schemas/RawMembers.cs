using System.Text.Json.Nodes;
using RealtimeHub.Contracts;

namespace RealtimeHub.Server.Documents.Schemas;

/// <summary>Members that are raw JSON in the code, because they go from the log to clients as they are, and more than that on the wire.</summary>
internal static class RawMembers
{
    private const string AnyState = "AnyState";

    /// <summary>What the member holds; null for one that is what its type says.</summary>
    public static JsonObject? Find(SchemaSet schemas, Type type, string member) => (type.Name, member) switch
    {
        (nameof(History), "events") => new JsonObject { ["type"] = "array", ["items"] = EventSchemas.AddTo(schemas) },
        (nameof(TopicSnapshot), "state") or (nameof(SnapshotMessage), "state") => StateIn(schemas),
        _ => null,
    };

    private static JsonObject StateIn(SchemaSet schemas) => schemas.Has(AnyState) ? schemas.Ref(AnyState) : schemas.Add(AnyState, new JsonObject
    {
        ["title"] = AnyState,
        ["description"] = "The state of a topic; the topic's kind says which.",
        ["anyOf"] = new JsonArray([.. SchemaFiles.StateTypes.Select(schemas.Wire)]),
    });
}
