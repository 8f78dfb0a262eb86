using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace RealtimeHub.Integration.Tests.Documents;

/// <summary>Checks JSON against the schemas of a document, by the keywords that those use; one that it does not know fails.</summary>
/// <remarks>No published validator is to be had on every machine that builds this.</remarks>
/// <param name="document">What references point into.</param>
/// <param name="strict">Whether a member that an object's schema does not name is wrong even where the schema is open.</param>
internal sealed class SchemaCheck(JsonNode document, bool strict = false)
{
    /// <summary>What is wrong, with its path; empty when nothing is.</summary>
    public IReadOnlyList<string> Errors(JsonNode? value, JsonObject schema) => [.. Check(value, schema, "$")];

    /// <summary>The schema that a reference means.</summary>
    public JsonObject Resolve(string reference)
    {
        reference.Should().StartWith("#/");
        return reference[2..].Split('/').Aggregate(document, (node, step) =>
            node[step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)]
            ?? throw new InvalidOperationException($"{reference} leads nowhere.")).AsObject();
    }

    private IEnumerable<string> Check(JsonNode? value, JsonNode schema, string path) => schema.GetValueKind() switch
    {
        JsonValueKind.True => [],
        JsonValueKind.False => [$"{path}: must not be there"],
        _ => schema.AsObject().SelectMany(keyword => CheckKeyword(value, schema.AsObject(), keyword.Key, keyword.Value!, path)),
    };

    private IEnumerable<string> CheckKeyword(JsonNode? value, JsonObject schema, string keyword, JsonNode rule, string path)
    {
        switch (keyword)
        {
            case "title" or "description" or "$schema" or "$id" or "$defs":
                return [];
            case "$ref":
                return Check(value, Resolve((string)rule!), path);
            case "type":
                return Wrong(Types(rule).Any(t => IsOfType(value, t)), path, $"is no {rule.ToJsonString()}");
            case "const":
                return Wrong(JsonNode.DeepEquals(value, rule), path, $"is not {rule.ToJsonString()}");
            case "enum":
                return Wrong(rule.AsArray().Any(v => JsonNode.DeepEquals(v, value)), path, $"is none of {rule.ToJsonString()}");
            case "format":
                ((string)rule!).Should().BeOneOf("date-time", "uri-reference");
                return Wrong(Text(value) is not { } time || (string)rule! != "date-time" || DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, out _), path, "is no time");
            case "pattern":
                return Wrong(Text(value) is not { } text || Regex.IsMatch(text, (string)rule!, RegexOptions.ECMAScript, TimeSpan.FromSeconds(1)), path, $"does not match {rule}");
            case "minLength":
                return Wrong(Text(value) is not { } s || Length(s) >= (int)rule!, path, $"is shorter than {rule}");
            case "maxLength":
                return Wrong(Text(value) is not { } l || Length(l) <= (int)rule!, path, $"is longer than {rule}");
            case "minimum":
                return Wrong(Number(value) is not { } n || n >= (decimal)rule!, path, $"is less than {rule}");
            case "maximum":
                return Wrong(Number(value) is not { } m || m <= (decimal)rule!, path, $"is more than {rule}");
            case "minItems":
                return Wrong(value is not JsonArray few || few.Count >= (int)rule!, path, $"has less than {rule} items");
            case "maxItems":
                return Wrong(value is not JsonArray many || many.Count <= (int)rule!, path, $"has more than {rule} items");
            case "maxProperties":
                return Wrong(value is not JsonObject map || map.Count <= (int)rule!, path, $"has more than {rule} members");
            case "items":
                return value is JsonArray items ? items.SelectMany((item, i) => Check(item, rule, $"{path}[{i}]")) : [];
            case "required":
                return value is JsonObject o ? rule.AsArray().Where(r => !o.ContainsKey((string)r!)).Select(r => $"{path}: lacks {r}") : [];
            case "properties":
                return value is JsonObject members
                    ? rule.AsObject().Where(p => members.ContainsKey(p.Key)).SelectMany(p => Check(members[p.Key], p.Value!, $"{path}.{p.Key}"))
                        .Concat(strict && schema["additionalProperties"] is null ? Unknown(members, schema, path) : [])
                    : [];
            case "additionalProperties":
                return value is JsonObject all
                    ? all.Where(p => schema["properties"]?[p.Key] is null).SelectMany(p => Check(p.Value, rule, $"{path}.{p.Key}"))
                    : [];
            case "propertyNames":
                return value is JsonObject named ? named.SelectMany(p => Check(JsonValue.Create(p.Key), rule, $"{path}.{p.Key}")) : [];
            case "allOf":
                return rule.AsArray().SelectMany(s => Check(value, s!, path));
            case "anyOf":
                return AnyOf(value, rule.AsArray(), path, most: int.MaxValue);
            case "oneOf":
                return AnyOf(value, rule.AsArray(), path, most: 1);
            default:
                return [$"{path}: {keyword} is no keyword that is known here"];
        }
    }

    private string[] AnyOf(JsonNode? value, JsonArray branches, string path, int most)
    {
        var errors = branches.Select(b => Check(value, b!, path).ToList()).ToList();
        var fitting = errors.Count(e => e.Count == 0);
        return fitting > 0 && fitting <= most
            ? []
            : [$"{path}: fits {fitting} branches of {branches.Count}", .. errors.MinBy(e => e.Count)!];
    }

    private static IEnumerable<string> Unknown(JsonObject members, JsonObject schema, string path) =>
        members.Where(m => schema["properties"]![m.Key] is null).Select(m => $"{path}: has {m.Key}, which its schema does not name");

    private static IEnumerable<string> Types(JsonNode rule) => rule is JsonArray list ? list.Select(t => (string)t!) : [(string)rule!];

    private static bool IsOfType(JsonNode? value, string type) => (value?.GetValueKind() ?? JsonValueKind.Null, type) switch
    {
        (JsonValueKind.Null, "null") or (JsonValueKind.String, "string") or (JsonValueKind.Object, "object") or (JsonValueKind.Array, "array")
            or (JsonValueKind.True or JsonValueKind.False, "boolean") or (JsonValueKind.Number, "number") => true,
        (JsonValueKind.Number, "integer") => decimal.IsInteger((decimal)Number(value)!),
        _ => false,
    };

    private static string? Text(JsonNode? value) => value?.GetValueKind() == JsonValueKind.String ? (string)value! : null;

    private static decimal? Number(JsonNode? value) =>
        value?.GetValueKind() == JsonValueKind.Number ? decimal.Parse(value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture) : null;

    // JSON Schema counts characters, not UTF-16 units.
    private static int Length(string text) => text.EnumerateRunes().Count();

    private static string[] Wrong(bool isRight, string path, string problem) => isRight ? [] : [$"{path}: {problem}"];
}
