using RealtimeHub.Contracts;
using RealtimeHub.Integration.Tests.Server;

namespace RealtimeHub.Integration.Tests.BadInput;

/// <summary>Somebody on another connection, who must notice nothing of what others do wrong.</summary>
internal sealed class Bystander : IAsyncDisposable
{
    private readonly ServerFixture server;
    private readonly HubClient hub;
    private readonly string history;
    private readonly int errors;

    private Bystander(ServerFixture server, Person owner, Person runtime, HubClient hub, string run, string history)
    {
        (this.server, Owner, Runtime, this.hub, Run, this.history) = (server, owner, runtime, hub, run, history);
        errors = server.Errors.Entries.Count;
        errors = server.Errors.Entries.Count;
    }

    /// <summary>Owns conversation <c>talk</c> and operates agent <c>writer</c>.</summary>
    public Person Owner { get; }

    /// <summary>Speaks for the agent.</summary>
    public Person Runtime { get; }

    /// <summary>A run of the agent in the conversation that has started.</summary>
    public string Run { get; }

    public static async Task<Bystander> StandByAsync(ServerFixture server)
    {
        var tenant = server.NewTenant();
        var admin = await server.SignInAsync(tenant, "ada", [.. Scopes.All]);
        var owner = await server.SignInAsync(tenant, "olga");
        var runtime = await server.SignInAsync(tenant, "wren", agents: ["writer"]);
        (await admin.Api.PutAsync("/api/v1/agents/writer", Json.Object("""
            { "name": "Writer", "grants": [{ "subject": { "kind": "role", "id": "*" }, "permission": "operate" }] }
            """))).Ok();
        (await owner.Api.PostAsync("/api/v1/conversations", Json.Object("""{ "id": "talk", "title": "Talk" }"""))).Ok();
        var run = (string)(await owner.Api.PostAsync("/api/v1/runs", Json.Object("""
            { "agentId": "writer", "conversationId": "talk", "input": {} }
            """))).Ok()["runId"]!;
        (await runtime.Api.PostAsync("/api/v1/topics/conversation:talk/events", Json.Object($$"""
            { "events": [{ "type": "run.started", "data": { "runId": "{{run}}", "agentId": "writer" } },
                         { "type": "message.started", "runId": "{{run}}", "data": { "messageId": "m-1", "role": "assistant" } },
                         { "type": "message.delta", "runId": "{{run}}", "data": { "messageId": "m-1", "text": "Hel" } }] }
            """))).Ok();

        var watching = await owner.ConnectAsync(HubPaths.Events);
        await watching.SubscribeAsync("conversation:talk");
        return new Bystander(server, owner, runtime, watching, run, await HistoryAsync(owner));
    }

    /// <summary>Nothing was stored, the connection still gets events, and the server found no fault in itself.</summary>
    public async Task NoticesNothingAsync()
    {
        (await HistoryAsync(Owner)).Should().Be(history, "nothing was stored");
        var sent = (await Owner.Api.PostAsync("/api/v1/conversations/talk/messages", Json.Object("""{ "text": "Still there?" }"""))).Ok();
        var seen = await hub.Received.EventAsync("conversation:talk", EventTypes.MessageCreated);
        ((string)seen["data"]!["messageId"]!).Should().Be((string)sent["messageId"]!);
        server.Errors.Entries.Skip(errors).Should().BeEmpty();
    }

    public ValueTask DisposeAsync() => hub.DisposeAsync();

    private static async Task<string> HistoryAsync(Person owner) => string.Join("\n", (await owner.HistoryAsync("conversation:talk")).Select(e => e.ToJsonString()));
}
