using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using RealtimeHub.Contracts;
using RealtimeHub.Server.Documents.Schemas;

namespace RealtimeHub.Server.Documents.OpenApi;

/// <summary>Which member of a request each parameter of its route stands for, and what of the request is left for the body or the query.</summary>
internal sealed class RouteMembers
{
    private readonly List<(string Parameter, JsonObject Schema)> parameters = [];

    private RouteMembers(JsonObject rest) => Rest = rest;

    /// <summary>The parameters of the route with what they may be.</summary>
    public IReadOnlyList<(string Parameter, JsonObject Schema)> Parameters => parameters;

    /// <summary>The request's schema without what the route says.</summary>
    public JsonObject Rest { get; }

    /// <summary>Whether the rest has any member.</summary>
    public bool HasRest => Properties(Rest).Count > 0;

    /// <summary>Whether something in the rest must be given.</summary>
    public bool RequiresRest => Rest["required"] is JsonArray { Count: > 0 };

    /// <summary>Takes a route's parameters out of a request.</summary>
    public static RouteMembers Of(SchemaSet schemas, Type request, IEnumerable<string> parameters)
    {
        var members = new RouteMembers(schemas.RequestCopy(request));
        foreach (var parameter in parameters)
        {
            members.parameters.Add((parameter, members.Take(schemas, request, parameter)));
        }

        return members;
    }

    /// <summary>The names in <c>/a/{b}/c</c>.</summary>
    public static IEnumerable<string> ParametersOf(string route) =>
        route.Split('/').Where(s => s.StartsWith('{')).Select(s => s.Trim('{', '}').TrimStart('*').Split(':')[0]);

    // A parameter is a member of its name; or a member of a member (participant.kind), where it may be named after that (participantId);
    // or, by itself, the one id of the request; or the id of a topic of the kind that the route is about.
    private JsonObject Take(SchemaSet schemas, Type request, string parameter)
    {
        if (Remove(Rest, parameter) is { } own)
        {
            return own;
        }

        foreach (var property in SchemaSource.Requests.GetTypeInfo(request).Properties)
        {
            if (SchemaSource.Requests.GetTypeInfo(property.PropertyType) is { Kind: JsonTypeInfoKind.Object } inner && inner.Properties.Count > 0)
            {
                var name = parameter.StartsWith(property.Name, StringComparison.Ordinal) && parameter.Length > property.Name.Length
                    ? JsonNamingPolicy.CamelCase.ConvertName(parameter[property.Name.Length..])
                    : parameter;
                if (inner.Properties.Any(p => p.Name == name))
                {
                    return TakeInner(schemas, property, name);
                }
            }
        }

        var ids = Properties(Rest).Where(p => p.Key.EndsWith("Id", StringComparison.Ordinal) && IsRequired(Rest, p.Key)).Select(p => p.Key).ToList();
        if (parameter == "id" && ids.Count == 1)
        {
            return Remove(Rest, ids[0])!;
        }

        Remove(Rest, "topic");
        return new JsonObject { ["type"] = "string", ["pattern"] = Ids.Pattern };
    }

    private JsonObject TakeInner(SchemaSet schemas, JsonPropertyInfo property, string name)
    {
        var members = Properties(Rest);
        if (members[property.Name] is not JsonObject { } member || member["properties"] is null)
        {
            var copy = schemas.RequestCopy(property.PropertyType);
            copy.Remove("title");
            members[property.Name] = member = copy;
        }

        var taken = Remove(member, name)!;
        if (Properties(member).Count == 0)
        {
            Remove(Rest, property.Name);
        }
        else if (member["required"] is null && Rest["required"] is JsonArray required)
        {
            RemoveName(Rest, required, property.Name);
        }

        return taken;
    }

    private static JsonObject? Remove(JsonObject schema, string name)
    {
        if (Properties(schema)[name] is not JsonObject member)
        {
            return null;
        }

        Properties(schema).Remove(name);
        if (schema["required"] is JsonArray required)
        {
            RemoveName(schema, required, name);
        }

        return member;
    }

    private static void RemoveName(JsonObject schema, JsonArray required, string name)
    {
        required.RemoveAll(n => (string?)n == name);
        if (required.Count == 0)
        {
            schema.Remove("required");
        }
    }

    private static bool IsRequired(JsonObject schema, string name) => schema["required"] is JsonArray required && required.Any(n => (string?)n == name);

    private static JsonObject Properties(JsonObject schema) => schema["properties"]!.AsObject();
}
