using System.Text;
using System.Text.Json.Nodes;
using RealtimeHub.Contracts;
using RealtimeHub.Integration.Tests.Server;

namespace RealtimeHub.Integration.Tests.Parity;

/// <summary>One call, and what every surface must answer.</summary>
internal sealed record ParityCase(string Request, string Name, JsonObject Body, string Person, string Code, string[] Paths)
{
    public Func<ParityWorld, Task>? Arrange { get; init; }

    /// <summary>What a success must bring.</summary>
    public Action<JsonNode>? Expect { get; init; }

    public override string ToString() => $"{Request}, {Name}";
}

/// <summary>The cases of one request type: a valid call, and everything that may be wrong with it.</summary>
internal sealed class ParityCases
{
    private readonly List<ParityCase> cases = [];
    private readonly ParityCase valid;

    public ParityCases(
        Type request, string person, string body, Func<ParityWorld, Task>? arrange = null, Action<JsonNode>? expect = null)
    {
        Request = request;
        valid = new ParityCase(request.Name, "valid", Json.Object(body), person, "ok", []) { Arrange = arrange, Expect = expect };
        cases.Add(valid);
        Invalid("surprise", "1", "null");
        if (request.IsAssignableTo(typeof(IKeyedRequest)))
        {
            Invalid("idempotencyKey", "\"\"", Text(129), "5");
        }
    }

    public Type Request { get; }

    public ParityCase Valid => valid;

    public IReadOnlyList<ParityCase> All => cases;

    /// <summary>With each of these values for the member, or without it (null), the call is invalid and the error names the member.</summary>
    public ParityCases Invalid(string path, params string?[] values)
    {
        foreach (var value in values)
        {
            Refused("invalid_request", path, value, path);
        }

        return this;
    }

    /// <summary>With this value the call is invalid, and the error names another member.</summary>
    public ParityCases InvalidNaming(string names, string path, string json) => Refused("invalid_request", path, json, names);

    public ParityCases TooLarge(string path, string json) => Refused("too_large", path, json, path);

    /// <summary>The valid call by somebody else.</summary>
    public ParityCases By(string person, string code) => Add($"by {person}", code, valid.Body, [], person: person);

    /// <summary>The valid call with this value for a member.</summary>
    public ParityCases Where(string path, string? json, string code, string? person = null, Action<JsonNode>? expect = null) =>
        Add($"{path} {json ?? "absent"}{(person is null ? "" : $" by {person}")}", code, With(path, json), [], person: person, expect: expect);

    /// <summary>The valid call in another state of the world.</summary>
    public ParityCases When(string state, Func<ParityWorld, Task> arrange, string code, string? person = null, Action<JsonNode>? expect = null) =>
        Add($"when {state}", code, valid.Body, [], arrange, person, expect);

    private ParityCases Refused(string code, string path, string? json, string names) =>
        Add($"{path} {(json is null ? "absent" : json.Length > 60 ? $"of {json.Length} characters" : json)}", code, With(path, json), [names]);

    private ParityCases Add(
        string name, string code, JsonObject body, string[] paths, Func<ParityWorld, Task>? arrange = null, string? person = null,
        Action<JsonNode>? expect = null)
    {
        cases.Add(valid with
        {
            Name = name,
            Body = body,
            Code = code,
            Paths = paths,
            Arrange = arrange ?? valid.Arrange,
            Person = person ?? valid.Person,
            Expect = expect,
        });
        return this;
    }

    private JsonObject With(string path, string? json)
    {
        var body = valid.Body.DeepClone().AsObject();
        JsonNode node = body;
        var steps = path.Replace("[", ".[", StringComparison.Ordinal).Split('.');
        foreach (var step in steps[..^1])
        {
            node = (step[0] == '[' ? node[int.Parse(step.Trim('[', ']'))] : node[step])!;
        }

        var last = steps[^1];
        if (last[0] == '[')
        {
            node.AsArray()[int.Parse(last.Trim('[', ']'))] = JsonNode.Parse(json!);
        }
        else if (json is null)
        {
            node.AsObject().Remove(last);
        }
        else
        {
            node[last] = JsonNode.Parse(json);
        }

        return body;
    }

    /// <summary>A JSON string of so many characters.</summary>
    public static string Text(int characters, char of = 'x') => new StringBuilder().Append('"').Append(of, characters).Append('"').ToString();

    /// <summary>A JSON list of so many items.</summary>
    public static string List(int count, Func<int, string> item) => $"[{string.Join(',', Enumerable.Range(0, count).Select(item))}]";
}
