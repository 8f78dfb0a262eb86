using System.Text.Json.Nodes;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Pipeline;
using RealtimeHub.Integration.Tests.Documents;
using RealtimeHub.Integration.Tests.Server;

namespace RealtimeHub.Integration.Tests.Parity;

/// <summary>What a surface answered, in words that are the same on every surface.</summary>
internal sealed record Reaction(string Code, JsonNode? Value, long? Sequence, IReadOnlyList<string> Paths)
{
    /// <summary>All that was said of a refusal.</summary>
    public JsonNode? Problem { get; init; }
}

/// <summary>One way to send a request: a hub method in one protocol, or a route.</summary>
internal abstract record ParitySurface(Offer Offer)
{
    public static IEnumerable<ParitySurface> Of(RequestRules rules) => rules.Offers.SelectMany(offer => offer.Surface == Surface.Http
        ? (IEnumerable<ParitySurface>)[new HttpSurface(offer)]
        : [new HubSurface(offer, HubProtocol.Json), new HubSurface(offer, HubProtocol.MessagePack)]);

    /// <summary>Whether the surface has a way to say this at all.</summary>
    public abstract bool CanSay(JsonObject body);

    public abstract Task<Reaction> SendAsync(ParityWorld world, string person, JsonObject body);

    protected static IReadOnlyList<string> PathsOf(JsonNode? error) => [.. ((error?["errors"] as JsonObject) ?? []).Select(e => e.Key).Order(StringComparer.Ordinal)];
}

internal sealed record HubSurface(Offer Offer, HubProtocol Protocol) : ParitySurface(Offer)
{
    private bool IsStream => Offer.Name == nameof(IAgentHub.PublishStream);

    // A stream's method takes topic and agent as plain parameters, and at least one event makes a request.
    public override bool CanSay(JsonObject body) => !IsStream || (body["events"] is JsonArray { Count: 1 }
        && body.All(m => m.Key is "topic" or "agentId" or "events")
        && (body["topic"] ?? "").GetValueKind() == System.Text.Json.JsonValueKind.String
        && (body["agentId"] ?? "").GetValueKind() == System.Text.Json.JsonValueKind.String);

    public override async Task<Reaction> SendAsync(ParityWorld world, string person, JsonObject body)
    {
        var path = Offer.Surface switch { Surface.EventsHub => HubPaths.Events, Surface.AgentHub => HubPaths.Agent, _ => HubPaths.Operator };
        var client = await world.ClientAsync(person, path, Protocol);
        var reply = IsStream
            ? await client.PublishStreamAsync((string?)body["topic"], (string?)body["agentId"], body["events"]!.AsArray().ToAsyncEnumerable())
            : await client.CallAsync(Offer.Name, body);
        var error = reply["error"];
        ((bool)reply["ok"]!).Should().Be(error is null);
        return new Reaction((string?)error?["code"] ?? "ok", reply["value"], (long?)reply["seq"], PathsOf(error)) { Problem = error };
    }

    public override string ToString() => $"{Offer.Surface}.{Offer.Name} in {Protocol}";
}

internal sealed record HttpSurface(Offer Offer) : ParitySurface(Offer)
{
    private HttpMethod Method => HttpMethod.Parse(Offer.Name.Split(' ')[0]);

    private string Template => Offer.Name.Split(' ')[1];

    private IEnumerable<string> Parameters => Template.Split('/').Where(s => s.StartsWith('{')).Select(s => s.Trim('{', '}'));

    // GET of one thing: its topic's snapshot, of which the caller gives the id alone.
    private bool IsOfOneThing => Template is "/api/v1/conversations/{id}" or "/api/v1/agents/{id}";

    // What is in the path is text and there; a query holds plain values.
    public override bool CanSay(JsonObject body) =>
        Parameters.All(p => Take(body.DeepClone().AsObject(), p) is { Length: > 0 })
        && (Method != HttpMethod.Get || body.All(m => m.Value is null or JsonValue));

    public override async Task<Reaction> SendAsync(ParityWorld world, string person, JsonObject body)
    {
        var rest = body.DeepClone().AsObject();
        var path = string.Join('/', Template.Split('/').Select(s => s.StartsWith('{') ? Uri.EscapeDataString(Take(rest, s.Trim('{', '}'))!) : s));
        var key = rest["idempotencyKey"] is JsonValue value && value.TryGetValue<string>(out var text) && text.Length > 0 ? text : null;
        if (key is not null)
        {
            rest.Remove("idempotencyKey");
        }

        var isGet = Method == HttpMethod.Get;
        if (isGet)
        {
            path += "?" + string.Join('&', rest.Select(m => $"{m.Key}={Uri.EscapeDataString(m.Value?.ToString() ?? "")}"));
        }

        var answer = await (await world.ApiAsync(person)).SendAsync(Method, path, isGet || rest.Count == 0 ? null : rest, key);
        (await HttpContract.OfAsync((await world.PersonAsync(person)).Address)).Errors(Method, Template, answer)
            .Should().BeEmpty("{0} was answered {1} {2}", path, answer.Status, answer.Body?.ToJsonString());
        if (answer.Status >= 400)
        {
            answer.Problem(answer.Status, answer.Code!);
            var paths = PathsOf(answer.Body).Select(p => IsOfOneThing && p == "id" ? "topic" : p);
            return new Reaction(answer.Code!, Value: null, Sequence: null, [.. paths]) { Problem = answer.Body };
        }

        answer.Status.Should().BeOneOf(200, 201, 204);
        return new Reaction("ok", ValueOf(answer), answer.Sequence, []);
    }

    public override string ToString() => Offer.Name;

    private JsonNode ValueOf(Answer answer) => answer.Body switch
    {
        null => new JsonObject(),
        var state when IsOfOneThing => new JsonObject { ["state"] = state.DeepClone() },
        var value => value,
    };

    /// <summary>Takes the member that stands for a route parameter out of the body.</summary>
    private string? Take(JsonObject body, string parameter)
    {
        var kind = Template.Split('/')[3].TrimEnd('s');
        var (holder, member) = (parameter, body["participant"] ?? body["subject"]) switch
        {
            ("kind", JsonObject somebody) => (somebody, "kind"),
            ("participantId", JsonObject somebody) => (somebody, "id"),
            ("id", JsonObject somebody) => (somebody, "id"),
            ("id", _) => (body, "topic"), // of one thing
            _ => (body, parameter),
        };
        var value = holder[member] is JsonValue v && v.TryGetValue<string>(out var text) ? text : null;
        holder.Remove(member);
        return parameter != "id" || member != "topic" ? value : value?.StartsWith(kind + ":", StringComparison.Ordinal) == true ? value[(kind.Length + 1)..] : null;
    }
}
