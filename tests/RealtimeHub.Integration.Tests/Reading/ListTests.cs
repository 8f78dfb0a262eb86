using System.Text.Json.Nodes;
using RealtimeHub.Contracts;
using RealtimeHub.Integration.Tests.Hubs;
using RealtimeHub.Integration.Tests.Server;
using RealtimeHub.Specification;

namespace RealtimeHub.Integration.Tests.Reading;

/// <summary>The lists over HTTP: what their filters leave, newest activity first, and page after page.</summary>
public sealed class ListTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    [Fact]
    public async Task Conversations_Labels_ShowThoseAlone()
    {
        var olga = await server.SignInAsync(server.NewTenant(), "olga");
        await CreateAsync(olga, "a", """{ "team": "red" }""");
        await CreateAsync(olga, "b", """{ "team": "blue" }""");
        await CreateAsync(olga, "c", "{}");
        await UntilAsync(olga, "conversations", "c", "b", "a");

        (await IdsAsync(olga, "conversations?label=team")).Should().Equal("b", "a");
        (await IdsAsync(olga, "conversations?label=team%3Dred")).Should().Equal("a");
        (await IdsAsync(olga, "conversations?label=team%3Dgreen")).Should().BeEmpty();
    }

    [Fact]
    public async Task Conversations_Activity_BringsOneToTheTop()
    {
        var olga = await server.SignInAsync(server.NewTenant(), "olga");
        foreach (var id in (string[])["a", "b", "c"])
        {
            await CreateAsync(olga, id, "{}");
        }

        (await olga.Api.PostAsync("/api/v1/conversations/a/messages", Json.Object("""{ "text": "x" }"""))).Ok();

        await UntilAsync(olga, "conversations", "a", "c", "b");
        await PagesAsync(olga, "conversations", "a", "c", "b");
    }

    [Fact]
    public async Task Agents_NewestActivity_IsFirst()
    {
        var ada = await server.SignInAsync(server.NewTenant(), "ada", [.. Scopes.All]);
        foreach (var id in (string[])["a", "b", "c"])
        {
            (await ada.Api.PutAsync($"/api/v1/agents/{id}", new JsonObject { ["name"] = id })).Ok();
        }

        (await ada.Api.SendAsync(HttpMethod.Patch, "/api/v1/agents/b", new JsonObject { ["name"] = "B" })).Status.Should().Be(204);

        await UntilAsync(ada, "agents", "b", "c", "a");
        await PagesAsync(ada, "agents", "b", "c", "a");
        (await IdsAsync(ada, "agents?label=team")).Should().BeEmpty("agents have no labels");
    }

    [Fact]
    public async Task Runs_Filters_ShowThoseAlone()
    {
        var stage = await Stage.SetAsync(server);
        (await stage.Ada.Api.PutAsync("/api/v1/agents/critic", Json.Object("""
            { "name": "Critic", "grants": [{ "subject": { "kind": "user", "id": "olga" }, "permission": "operate" }] }
            """))).Ok();
        (await stage.Olga.Api.SendAsync(HttpMethod.Patch, "/api/v1/conversations/talk", Json.Object("""{ "labels": { "team": "red" } }"""))).Status
            .Should().Be(204);
        var running = await stage.StartRunAsync();
        var ended = await stage.StartRunAsync();
        await stage.PublishAsync(Stage.Event(ended, EventTypes.RunCompleted, $$"""{ "runId": "{{ended}}" }"""));
        var requested = (string)(await stage.Olga.Api.PostAsync("/api/v1/runs", Json.Object("""{ "agentId": "critic", "input": 1 }"""))).Ok()["runId"]!;
        await UntilAsync(stage.Olga, "runs", requested, ended, running);

        await PagesAsync(stage.Olga, "runs", requested, ended, running);
        (await IdsAsync(stage.Olga, "runs?agentId=writer")).Should().Equal(ended, running);
        (await IdsAsync(stage.Olga, "runs?agentId=critic")).Should().Equal(requested);
        (await IdsAsync(stage.Olga, "runs?status=completed")).Should().Equal(ended);
        (await IdsAsync(stage.Olga, "runs?status=running,requested")).Should().Equal(requested, running);
        (await IdsAsync(stage.Olga, "runs?status=running&agentId=critic")).Should().BeEmpty();
        (await IdsAsync(stage.Olga, "runs?label=team%3Dred")).Should().Equal(ended, running);
    }

    private static async Task CreateAsync(Person person, string id, string labels) => (await person.Api.PostAsync(
        "/api/v1/conversations", Json.Object($$"""{ "id": "{{id}}", "title": "T", "labels": {{labels}} }"""))).Ok();

    // A list lags its events by 100 ms, and nobody signals it.
    private static async Task UntilAsync(Person person, string list, params string[] ids)
    {
        using var deadline = new CancellationTokenSource(Deadline.Length, TimeProvider.System);
        while (!(await IdsAsync(person, list)).SequenceEqual(ids))
        {
            deadline.Token.ThrowIfCancellationRequested();
        }
    }

    private static async Task PagesAsync(Person person, string list, params string[] ids)
    {
        string? after = null;
        var found = new List<string>();
        do
        {
            var page = await PageAsync(person, $"{list}?limit=2{(after is null ? "" : $"&after={Uri.EscapeDataString(after)}")}");
            page["items"]!.AsArray().Count.Should().BeLessThanOrEqualTo(2);
            found.AddRange(IdsOf(page));
            after = (string?)page["next"];
        }
        while (after is not null);

        found.Should().Equal(ids);
    }

    private static async Task<List<string>> IdsAsync(Person person, string query) => IdsOf(await PageAsync(person, query));

    private static async Task<JsonNode> PageAsync(Person person, string query) => (await person.Api.GetAsync($"/api/v1/{query}")).Ok();

    private static List<string> IdsOf(JsonNode page) =>
        [.. page["items"]!.AsArray().Select(i => (string?)i!["runId"] ?? ((string)i["topic"]!).Split(':')[1])];
}
