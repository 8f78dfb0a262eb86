using System.Text.Json.Nodes;
using RealtimeHub.Contracts;
using RealtimeHub.Integration.Tests.Server;

namespace RealtimeHub.Integration.Tests.Hubs;

/// <summary>A tenant with conversation <c>talk</c> of olga and mia, and agent <c>writer</c> with its runtime wren, whom olga operates.</summary>
internal sealed record Stage(Person Ada, Person Olga, Person Mia, Person Wren)
{
    public const string Talk = "conversation:talk";
    public const string Writer = "agent:writer";

    public string Tenant => Olga.Tenant;

    public static Task<Stage> SetAsync(ServerFixture server) => SetAsync(server.Address, server.NewTenant());

    public static async Task<Stage> SetAsync(Uri address, string tenant)
    {
        Task<Person> SignInAsync(string user, string[] scopes, params string[] agents) =>
            Person.SignInAsync(address, tenant, user, scopes, roles: null, agents, seconds: null);
        var stage = new Stage(
            await SignInAsync("ada", [.. Scopes.All]), await SignInAsync("olga", Person.EveryScope),
            await SignInAsync("mia", Person.EveryScope), await SignInAsync("wren", [Scopes.EventsPublish], "writer"));
        (await stage.Ada.Api.PutAsync("/api/v1/agents/writer", Json.Object("""
            { "name": "Writer", "grants": [{ "subject": { "kind": "user", "id": "olga" }, "permission": "operate" }] }
            """))).Ok();
        (await stage.Olga.Api.PostAsync("/api/v1/conversations", Json.Object("""
            { "id": "talk", "title": "Talk", "participants": [{ "kind": "user", "id": "mia" }] }
            """))).Ok();
        return stage;
    }

    /// <summary>The same people at a server that was started again.</summary>
    public Stage At(Uri address) => new(Ada.At(address), Olga.At(address), Mia.At(address), Wren.At(address));

    /// <summary>olga says something; answers its sequence.</summary>
    public async Task<long> SayAsync(string text) =>
        (await Olga.Api.PostAsync("/api/v1/conversations/talk/messages", new JsonObject { ["text"] = text })).Sequence!.Value;

    /// <summary>olga asks the writer for something in the conversation; answers the run.</summary>
    public async Task<string> RequestRunAsync() => (string)(await Olga.Api.PostAsync("/api/v1/runs", Json.Object("""
        { "agentId": "writer", "conversationId": "talk", "input": { "text": "Go" } }
        """))).Ok()["runId"]!;

    /// <summary>The runtime publishes events into the conversation.</summary>
    public async Task PublishAsync(params JsonObject[] events) =>
        (await Wren.Api.PostAsync($"/api/v1/topics/{Talk}/events", new JsonObject { ["events"] = new JsonArray([.. events]) })).Ok();

    /// <summary>A run that has started.</summary>
    public async Task<string> StartRunAsync()
    {
        var run = await RequestRunAsync();
        await PublishAsync(Event(run, "run.started", $$"""{ "runId": "{{run}}", "agentId": "writer" }"""));
        return run;
    }

    public static JsonObject Event(string run, string type, string data, string? id = null)
    {
        var e = new JsonObject { ["type"] = type, ["runId"] = run, ["data"] = Json.Object(data) };
        if (id is not null)
        {
            e["id"] = id;
        }

        return e;
    }

    public static string TypeOf(JsonObject e) => (string)e["type"]!;

    public static long SequenceOf(JsonObject e) => (long)e["seq"]!;
}
