using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using RealtimeHub.Contracts;
using RealtimeHub.Integration.Tests.Server;

namespace RealtimeHub.Integration.Tests.Documents;

/// <summary>The types of the TypeScript SDK, which are written by hand, say what the schemas say.</summary>
public sealed partial class TypeScriptTypesTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    private static readonly string Sources = Path.Combine(Repository.Root, "src", "realtimehub-client", "src");

    // Where the SDK has another name than the schema. What the SDK adds for itself is allowed in states alone.
    private static readonly Dictionary<string, string> SchemaNames = new(StringComparer.Ordinal)
    {
        ["Participant"] = "ParticipantInput", ["AccessGrant"] = "AccessGrantInput", ["ReplyError"] = "Error", ["Message"] = "MessageSnapshot",
        ["Run"] = "RunSnapshot", ["RunStep"] = "RunStepSnapshot", ["ToolCall"] = "ToolCallSnapshot", ["Reasoning"] = "ReasoningSnapshot",
    };

    private static IReadOnlyList<Declared> Declarations { get; } =
        [.. Directory.EnumerateFiles(Path.Combine(Sources, "wire"), "*.ts").SelectMany(f => Interfaces().Matches(File.ReadAllText(f))).Select(Declared.Of)];

    public static TheoryData<string> Names => [.. Declarations.Select(d => d.Name).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Interface_WithASchema_HasItsMembers(string name)
    {
        var type = Declarations.Single(d => d.Name == name);
        foreach (var file in (string[])["requests", "messages", "replies", "states"])
        {
            var schemaName = SchemaNames.GetValueOrDefault(name, name);
            if ((await ReadAsync(file))["$defs"]![schemaName] is JsonObject schema)
            {
                Check(type, schema, isState: schemaName.EndsWith("Snapshot", StringComparison.Ordinal));
                return;
            }
        }
    }

    [Fact]
    public void Interfaces_OfTheWire_AreFound() =>
        Names.Select(n => (string)n.Data).Should().Contain(["CreateConversation", "StartRun", "SubscriptionRequest", "EventsMessage", "ReplyError", "Run", "Message"]);

    [Fact]
    public void Folds_EventTypesOfConversations_AreAllKnown()
    {
        var text = string.Concat(Directory.EnumerateFiles(Path.Combine(Sources, "fold"), "*.ts").Select(File.ReadAllText));
        string[] groups = ["conversation", "participant", "message", "reasoning", "tool_call", "run"];

        EventTypes.Registered.Select(t => t.Name).Where(n => groups.Contains(n.Split('.')[0]))
            .Should().AllSatisfy(n => text.Should().Contain($"'{n}'"));
    }

    private static void Check(Declared type, JsonObject schema, bool isState)
    {
        var members = schema["properties"]!.AsObject();
        var required = (schema["required"]?.AsArray() ?? []).Select(r => (string)r!).ToHashSet(StringComparer.Ordinal);
        members.Select(m => m.Key).Where(m => !isState || required.Contains(m)).Should().BeSubsetOf(type.Members.Keys, type.Name);
        if (!isState)
        {
            type.Members.Keys.Should().BeSubsetOf(members.Select(m => m.Key), type.Name);
        }

        foreach (var (name, (optional, values)) in type.Members)
        {
            // What a request needs must be given, and what may be absent in an answer may be absent in the type.
            var mayBeAbsent = !required.Contains(name);
            (optional && !mayBeAbsent && schema["additionalProperties"] is not null).Should().BeFalse($"{type.Name}.{name} is required");
            (!optional && mayBeAbsent && schema["additionalProperties"] is null && members.ContainsKey(name)).Should().BeFalse($"{type.Name}.{name} may be absent");
            if (values.Count > 0 && EnumOf(members[name]) is { } known)
            {
                values.Should().BeEquivalentTo(known, $"{type.Name}.{name}");
            }
        }
    }

    private static IEnumerable<string>? EnumOf(JsonNode? schema) =>
        (schema?["enum"] ?? schema?["anyOf"]?.AsArray().FirstOrDefault()?["enum"])?.AsArray().Select(v => (string)v!);

    private async Task<JsonNode> ReadAsync(string file) => (await server.Anonymous().GetAsync($"/schemas/v1/{file}.json")).Ok();

    [GeneratedRegex(@"export interface (?<name>\w+)(?:<[^{]*?>)?(?<keyed> extends Keyed)? \{\n(?<body>.*?)\n\}", RegexOptions.Singleline, 1000)]
    private static partial Regex Interfaces();

    [GeneratedRegex(@"^  (?:readonly )?(?<name>\w+)(?<optional>\?)?: (?<type>.+);$", RegexOptions.Multiline, 1000)]
    private static partial Regex MemberLines();

    [GeneratedRegex(@"'(?<value>[a-z_]+)'", RegexOptions.None, 1000)]
    private static partial Regex Literals();

    private sealed record Declared(string Name, IReadOnlyDictionary<string, (bool Optional, IReadOnlyList<string> Values)> Members)
    {
        public static Declared Of(Match match)
        {
            var members = MemberLines().Matches(match.Groups["body"].Value).ToDictionary(
                m => m.Groups["name"].Value,
                m => (m.Groups["optional"].Success,
                    m.Groups["type"].Value.StartsWith('\'') ? (IReadOnlyList<string>)[.. Literals().Matches(m.Groups["type"].Value).Select(v => v.Groups["value"].Value)] : []),
                StringComparer.Ordinal);
            if (match.Groups["keyed"].Success)
            {
                members["idempotencyKey"] = (true, []);
            }

            return new Declared(match.Groups["name"].Value, members);
        }
    }
}
