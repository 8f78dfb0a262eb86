using System.Buffers;
using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Pipeline;
using RealtimeHub.Integration.Tests.Server;

namespace RealtimeHub.Integration.Tests.Parity;

/// <summary>A tenant of its own for one call over one surface, always with the same people and topics in it.</summary>
/// <remarks>
/// ada administers. Conversation <c>talk</c>: olga owns it, mia is a member, otto an observer. Agent <c>writer</c>: olga and mia operate it,
/// otto sees it, wren is its runtime. sam has every scope and nothing else.
/// </remarks>
internal sealed class ParityWorld(ServerFixture server) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Task<Person>> people = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string, string, HubProtocol), Task<HubClient>> clients = [];

    public string Tenant { get; } = server.NewTenant();

    /// <summary>What a case's body calls <c>$run</c>.</summary>
    public string? Run { get; set; }

    /// <summary>
    /// Somebody with every scope but <c>admin</c>; <c>olga-agents.operate</c> is olga without that scope, <c>olga+admin</c> with nothing but
    /// that one, <c>olga@elsewhere</c> one of another tenant.
    /// </summary>
    public Task<Person> PersonAsync(string name) => people.GetOrAdd(name, async _ =>
    {
        var only = name.Split('+', 2) is [_, var alone] ? alone : null;
        var named = name.Split('+')[0];
        var (user, tenant) = named.EndsWith("@elsewhere", StringComparison.Ordinal) ? (named.Split('@')[0], $"{Tenant}-elsewhere") : (named, Tenant);
        var without = user.Split('-', 2) is [_, var scope] ? scope : null;
        user = user.Split('-')[0];
        string[] scopes = only is not null ? [only] : [.. (user == "ada" ? Scopes.All : Person.EveryScope).Where(s => s != without)];
        return await server.SignInAsync(tenant, user, scopes, agents: user == "wren" ? ["writer"] : null);
    });

    public Task<HubClient> ClientAsync(string name, string hub, HubProtocol protocol) =>
        clients.GetOrAdd((name, hub, protocol), async _ => await (await PersonAsync(name)).ConnectAsync(hub, protocol));

    public async Task<Api> ApiAsync(string name) => (await PersonAsync(name)).Api;

    public async Task PopulateAsync()
    {
        (await (await ApiAsync("ada")).PutAsync("/api/v1/agents/writer", Json.Object("""
            { "name": "Writer", "grants": [
                { "subject": { "kind": "user", "id": "olga" }, "permission": "operate" },
                { "subject": { "kind": "user", "id": "mia" }, "permission": "operate" },
                { "subject": { "kind": "user", "id": "otto" }, "permission": "view" }] }
            """))).Ok();
        (await (await ApiAsync("olga")).PostAsync("/api/v1/conversations", Json.Object("""
            { "id": "talk", "title": "Talk", "participants": [
                { "kind": "user", "id": "mia" }, { "kind": "user", "id": "otto", "role": "observer" }] }
            """))).Ok();
    }

    /// <summary>olga closes the conversation.</summary>
    public async Task ArchiveAsync() => (await (await ApiAsync("olga")).PostAsync("/api/v1/conversations/talk/archive")).Ok();

    /// <summary>olga asks the writer for something in the conversation.</summary>
    public async Task RequestRunAsync()
    {
        var body = Json.Object("""{ "agentId": "writer", "conversationId": "talk", "input": { "text": "Go" } }""");
        Run = (string)(await (await ApiAsync("olga")).PostAsync("/api/v1/runs", body)).Ok()["runId"]!;
    }

    /// <summary>The writer's runtime publishes into the conversation.</summary>
    public async Task PublishAsync(string type, string data)
    {
        var body = Json.Object($$"""{ "agentId": "writer", "events": [{ "type": "{{type}}", "runId": "{{Run}}", "data": {{Fill(data)}} }] }""");
        (await (await ApiAsync("wren")).PostAsync("/api/v1/topics/conversation:talk/events", body)).Ok();
    }

    public async Task StartRunAsync()
    {
        await RequestRunAsync();
        await PublishAsync("run.started", """{ "runId": "$run", "agentId": "writer" }""");
    }

    public async Task EndRunAsync()
    {
        await StartRunAsync();
        await PublishAsync("run.completed", """{ "runId": "$run" }""");
    }

    /// <summary>A body with this world's own names in it.</summary>
    public JsonObject Fill(JsonObject body) => Json.Object(Fill(body.ToJsonString()));

    /// <summary>Every event of the topics, here and elsewhere, that is nobody's copy and not the service's own.</summary>
    /// <remarks>From the log itself: over HTTP it would be more reads than anybody may make.</remarks>
    public async Task<List<JsonObject>> EventsAsync(IEnumerable<string> topics)
    {
        var log = server.Services.GetRequiredService<IEventLog>();
        var events = new List<JsonObject>();
        foreach (var key in topics.SelectMany(_ => (string[])[Tenant, $"{Tenant}-elsewhere"], (topic, tenant) => new TopicKey(tenant, Topic.Parse(topic))))
        {
            var page = await log.ReadAsync(key, new LogRange(1000), TestContext.Current.CancellationToken);
            page.HasMore.Should().BeFalse();
            events.AddRange(page.Where(e => e.Origin is null && e.Actor.Kind != SubjectKind.System).Select(Wire));
        }

        return events;
    }

    public IReadOnlyList<AuditRecord> Audit() => [.. server.Audit.Of(Tenant), .. server.Audit.Of($"{Tenant}-elsewhere")];

    /// <summary>Ends the connections that there are; whoever needs one gets another.</summary>
    public async Task DisconnectAsync()
    {
        foreach (var (key, client) in clients)
        {
            await (await client).DisposeAsync();
            clients.TryRemove(key, out _);
        }
    }

    public async ValueTask DisposeAsync() => await DisconnectAsync();

    private static JsonObject Wire(StoredEvent e)
    {
        var buffer = new ArrayBufferWriter<byte>();
        EventBody.WriteWire(buffer, e);
        return JsonNode.Parse(buffer.WrittenSpan)!.AsObject();
    }

    private string Fill(string text) => text.Replace("$run", Run ?? "run", StringComparison.Ordinal);
}
