using System.Text.Json.Nodes;
using RealtimeHub.Contracts;
using RealtimeHub.Integration.Tests.Hubs;
using RealtimeHub.Integration.Tests.Server;

namespace RealtimeHub.Integration.Tests.BadClients;

/// <summary>Fifty good clients, of five users, on two hubs, in both protocols, who watch a conversation that an agent writes into all the time.</summary>
internal sealed class Crowd : IAsyncDisposable
{
    private const int Size = 50;
    private const int Users = 5;

    // An event comes every 10 ms; only a machine that is busy with something else, too, comes near this.
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(10);

    private readonly ServerFixture server;
    private readonly Stage stage;
    private readonly BusyAgent agent;
    private readonly GoodClient[] clients;
    private readonly int errorsBefore;

    private Crowd(ServerFixture server, Stage stage, BusyAgent agent, GoodClient[] clients, Person mallory, int errorsBefore)
    {
        (this.server, this.stage, this.agent, this.clients, this.errorsBefore) = (server, stage, agent, clients, errorsBefore);
        Mallory = mallory;
    }

    /// <summary>Whose client is bad; may read the conversation, too.</summary>
    public Person Mallory { get; }

    /// <summary>Somebody else of the tenant, with another conversation to make.</summary>
    public Person Olga => stage.Olga;

    public static async Task<Crowd> GatherAsync(ServerFixture server)
    {
        var errors = server.Errors.Entries.Count;
        var scene = await Stage.SetAsync(server);
        var people = await Task.WhenAll(Enumerable.Range(0, Users).Select(i => JoinAsync($"good-{i}")));
        var mallory = await JoinAsync("mallory");
        var writer = await BusyAgent.StartAsync(scene.Wren, await scene.StartRunAsync());
        var watchers = await Task.WhenAll(Enumerable.Range(0, Size).Select(i => GoodClient.WatchAsync(
            people[i % Users], i % 4 < 2 ? HubPaths.Events : HubPaths.Operator, i % 2 == 0 ? HubProtocol.Json : HubProtocol.MessagePack, Stage.Talk)));
        return new Crowd(server, scene, writer, watchers, mallory, errors);

        async Task<Person> JoinAsync(string user)
        {
            (await scene.Olga.Api.PutAsync($"/api/v1/conversations/talk/participants/user/{user}", Json.Object("{}"))).Ok();
            return await server.SignInAsync(scene.Tenant, user);
        }
    }

    /// <summary>Conversation <c>flood</c>, which olga and mallory may read: 12 MB, far more than lies between a server and a client that does not read.</summary>
    /// <returns>The sequence of its last event.</returns>
    public async Task<long> FloodAsync()
    {
        (await Olga.Api.PostAsync("/api/v1/conversations", Json.Object("""
            { "id": "flood", "title": "Flood", "participants": [{ "kind": "user", "id": "mallory" }] }
            """))).Ok();
        var last = 0L;
        for (var i = 0; i < 14; i++)
        {
            var events = Enumerable.Range(0, 15).Select(_ => (JsonNode)new JsonObject
            {
                ["type"] = "custom.flood",
                ["data"] = new JsonObject { ["text"] = new string('x', 60_000) },
            });
            var answer = await Olga.Api.PostAsync("/api/v1/topics/conversation:flood/events", new JsonObject { ["events"] = new JsonArray([.. events]) });
            last = (long)answer.Ok()["lastSeq"]!;
        }

        return last;
    }

    /// <summary>Everybody has every state event once and in order, was told nothing, lost nothing; and the server found no fault in itself.</summary>
    public async Task NoticesNothingAsync()
    {
        await agent.WarmAsync();
        await agent.StopAsync();
        var last = await stage.SayAsync("Still there?");
        await Task.WhenAll(clients.Select(c => c.ReachedAsync(last)));
        var log = (await stage.Mia.HistoryAsync(Stage.Talk)).Where(e => !GoodClient.IsDelta(e)).Select(GoodClient.Name).ToList();
        foreach (var client in clients)
        {
            client.Complaints.Should().BeEmpty();
            client.StateEvents.Should().Equal(log);
            client.LongestSilence.Should().BeLessThan(LongestSilence);
        }

        server.Errors.Entries.Skip(errorsBefore).Should().BeEmpty();
    }

    public async ValueTask DisposeAsync()
    {
        await agent.DisposeAsync();
        await Task.WhenAll(clients.Select(c => c.DisposeAsync().AsTask()));
    }
}
