using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Pipeline;
using RealtimeHub.Integration.Tests.Server;

namespace RealtimeHub.Integration.Tests.Parity;

/// <summary>Every request type over every surface that it declares: the same answer, the same stored event, the same audit record.</summary>
public sealed partial class ParityTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    // Differ from call to call by nature.
    private static readonly HashSet<string> Incidental = new(StringComparer.Ordinal)
    {
        "seq", "time", "cursor", "deadline", "lastSeq", "updatedAt", "startedAt", "endedAt", "cancelRequestedAt", "before",
    };

    private UseCases UseCases => server.Services.GetRequiredService<UseCases>();

    public static TheoryData<string> Names() => [.. ParityTable.All.SelectMany(c => c.All).Select(c => c.ToString())];

    public static TheoryData<string> Requests() => [.. ParityTable.All.Select(c => c.Request.Name)];

    // Presence is no event: to say it again is to say it once, and nothing remembers the key.
    public static TheoryData<string> KeyedRequests() =>
    [
        .. ParityTable.All.Where(c => c.Request.IsAssignableTo(typeof(IKeyedRequest)) && c.Request != typeof(SetPresence)).Select(c => c.Request.Name),
    ];

    [Fact]
    public void Table_EveryRequestType_HasCases() =>
        ParityTable.All.Select(c => c.Request).Should().BeEquivalentTo(UseCases.All.Select(u => u.RequestType));

    [Theory]
    [MemberData(nameof(Requests))]
    public void Table_EveryMemberOfARequest_HasACaseInWhichItIsWrong(string request)
    {
        var cases = ParityTable.All.Single(c => c.Request.Name == request);
        var wrong = cases.All.Where(c => c.Code is "invalid_request" or "too_large").SelectMany(c => c.Paths)
            .Select(p => Index().Replace(p, "[]")).ToHashSet(StringComparer.Ordinal);

        MembersOf(ContractsJson.Requests.GetTypeInfo(cases.Request)).Where(m => !wrong.Contains(m)).Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Send_OverEverySurface_ComesToTheSame(string name)
    {
        var cases = ParityTable.All.Single(c => c.All.Any(x => x.ToString() == name));
        await CheckAsync(cases.All.Single(c => c.ToString() == name));
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task Send_WithoutTheScope_IsForbiddenOnEverySurface(string request)
    {
        var cases = ParityTable.All.Single(c => c.Request.Name == request);
        if (UseCases.All.Single(u => u.RequestType == cases.Request).Rules.Scope is { } scope)
        {
            var person = $"{cases.Valid.Person}-{scope}";
            await CheckAsync(cases.Valid with { Name = "without the scope", Person = person, Code = "forbidden", Expect = null });

            // Shape comes before scope, scope before visibility.
            var invalid = cases.All.First(c => c.Code == "invalid_request");
            await CheckAsync(invalid with { Person = person });
            await CheckAsync(cases.Valid with { Name = "a stranger without the scope", Person = $"sam-{scope}", Code = "forbidden", Expect = null });
        }
    }

    [Theory]
    [MemberData(nameof(KeyedRequests))]
    public async Task Send_AgainWithTheKeyOverAnotherSurface_GetsTheFirstAnswer(string request)
    {
        var cases = ParityTable.All.Single(c => c.Request.Name == request);
        var surfaces = ParitySurface.Of(UseCases.All.Single(u => u.RequestType == cases.Request).Rules).ToList();
        foreach (var first in surfaces)
        {
            await using var world = await ArrangeAsync(cases.Valid);
            var before = await world.EventsAsync(TopicsOf(value: null));
            var body = world.Fill(cases.Valid.Body);
            body["idempotencyKey"] = "k/1";

            var answer = await first.SendAsync(world, cases.Valid.Person, body);
            answer.Code.Should().Be("ok");
            foreach (var next in surfaces)
            {
                var again = await next.SendAsync(world, cases.Valid.Person, body);
                again.Code.Should().Be("ok", "{0} after {1}", next, first);
                again.Sequence.Should().Be(answer.Sequence, "{0} after {1}", next, first);
                Text(again.Value).Should().Be(Text(answer.Value), "{0} after {1}", next, first);
            }

            (await world.EventsAsync(TopicsOf(answer.Value))).Should().HaveCount(before.Count + 1);
            if (cases.All.FirstOrDefault(c => c.Code == "ok" && !JsonNode.DeepEquals(c.Body, cases.Valid.Body) && TopicOf(c) == TopicOf(cases.Valid)) is not { } other)
            {
                continue; // there is only one thing to say about a topic
            }

            var another = world.Fill(other.Body);
            another["idempotencyKey"] = "k/1";
            foreach (var next in surfaces)
            {
                (await next.SendAsync(world, cases.Valid.Person, another)).Code.Should().Be("conflict", "{0} after {1}", next, first);
            }
        }
    }

    private static IEnumerable<string> MembersOf(JsonTypeInfo type, string prefix = "") => type.Properties.SelectMany(p =>
    {
        var (name, member) = (prefix + p.Name, type.Options.GetTypeInfo(p.PropertyType));
        return member.Kind switch
        {
            JsonTypeInfoKind.Object => [name, .. MembersOf(member, $"{name}.")],
            JsonTypeInfoKind.Enumerable when type.Options.GetTypeInfo(member.ElementType!) is { Kind: JsonTypeInfoKind.Object } item =>
                [name, .. MembersOf(item, $"{name}[].")],
            _ => (IEnumerable<string>)[name],
        };
    });

    [GeneratedRegex(@"\[\d+\]", RegexOptions.None, 1000)]
    private static partial Regex Index();

    private static string TopicOf(ParityCase c) => $"{c.Body["conversationId"]}{c.Body["agentId"]}{c.Body["topic"]}{c.Body["id"]}{c.Body["runId"]}{(c.Body["topic"] is null ? c.Body["subject"]?["id"] : null)}";

    private static string[] TopicsOf(JsonNode? value) =>
    [
        "conversation:talk", "conversation:new", "conversation:other", "agent:writer", "agent:fresh", "user:mia", "user:nobody", "device:phone",
        .. (string?)value?["conversationId"] is { } made and not "new" ? [$"conversation:{made}"] : Array.Empty<string>(),
    ];

    private async Task<ParityWorld> ArrangeAsync(ParityCase c)
    {
        var world = new ParityWorld(server);
        await world.PopulateAsync();
        await (c.Arrange?.Invoke(world) ?? Task.CompletedTask);
        return world;
    }

    private async Task CheckAsync(ParityCase c)
    {
        var surfaces = ParitySurface.Of(UseCases.All.Single(u => u.RequestType.Name == c.Request).Rules).Where(s => s.CanSay(c.Body)).ToList();
        surfaces.Should().NotBeEmpty();
        string? seen = null;
        foreach (var surface in surfaces)
        {
            var outcome = await TryAsync(surface, c);
            seen ??= outcome;
            outcome.Should().Be(seen, "{0} is like {1}", surface, surfaces[0]);
        }

        server.Errors.Entries.Should().BeEmpty();
    }

    /// <summary>Makes the call in a world of its own, and tells all that came of it.</summary>
    private async Task<string> TryAsync(ParitySurface surface, ParityCase c)
    {
        await using var world = await ArrangeAsync(c);
        var before = (await world.EventsAsync(TopicsOf(value: null))).Select(e => (string)e["id"]!).ToHashSet(StringComparer.Ordinal);
        var auditedBefore = world.Audit().Count;

        var reaction = await surface.SendAsync(world, c.Person, world.Fill(c.Body));
        var audited = world.Audit().Skip(auditedBefore).ToList();

        reaction.Code.Should().Be(c.Code, "{0} over {1}", c, surface);
        if (c.Paths.Length > 0)
        {
            reaction.Paths.Should().Contain(c.Paths, "{0} over {1}", c, surface);
        }

        c.Expect?.Invoke(reaction.Value!);
        var stored = (await world.EventsAsync(TopicsOf(reaction.Value))).Where(e => !before.Contains((string)e["id"]!)).ToList();
        if (c.Code != "ok")
        {
            stored.Should().BeEmpty("{0} over {1} was refused", c, surface);
        }

        reaction.Sequence.Should().Be(stored.Count == 0 ? null : (long)stored[^1]["seq"]!, "{0} over {1}", c, surface);
        audited.Should().OnlyContain(a => a.Surface == surface.Offer.Surface);
        return string.Join('\n', [
            $"{reaction.Code} {string.Join(',', reaction.Paths)} {Text(reaction.Value)}",
            .. stored.Select(Text),
            .. audited.Select(a => $"{a.Actor} {a.Request} {Hexadecimal().Replace(a.Topic ?? "", "#")} {a.Outcome}")]);
    }

    private static string Text(JsonNode? node) => Plain(node)?.ToJsonString() ?? "";

    /// <summary>Without what differs from call to call: the ids that the server makes, times and sequences.</summary>
    private static JsonNode? Plain(JsonNode? node) => node switch
    {
        JsonObject map => new JsonObject(map.Where(m => !Incidental.Contains(m.Key)).Select(m => KeyValuePair.Create(m.Key, Plain(m.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Plain)]),
        { } value when value.GetValueKind() == JsonValueKind.String => Hexadecimal().Replace((string)value!, "#"),
        _ => node?.DeepClone(),
    };

    [GeneratedRegex("[0-9a-f]{32}", RegexOptions.None, 1000)]
    private static partial Regex Hexadecimal();
}
