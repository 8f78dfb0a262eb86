using RealtimeHub.Integration.Tests.Server;

namespace RealtimeHub.Integration.Tests.Parity;

/// <summary>What is made over HTTP is 201, and where it can be found the answer says.</summary>
public sealed class CreationTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    [Fact]
    public async Task Made_ThingsWithAnAddress_AreFoundThere()
    {
        var api = (await server.SignInAsync("made", "olga", [.. Person.EveryScope, "admin"], roles: ["admin"])).Api;

        foreach (var made in (Answer[])
        [
            await api.PostAsync("/api/v1/conversations", Json.Object("""{ "id": "talk", "title": "T" }""")),
            await api.PutAsync("/api/v1/agents/writer", Json.Object("""{ "name": "Writer" }""")),
            await api.PostAsync("/api/v1/runs", Json.Object("""{ "agentId": "writer", "conversationId": "talk", "input": 1 }""")),
        ])
        {
            made.Status.Should().Be(201, because: made.Body?.ToJsonString());
            made.Sequence.Should().BePositive();
            (await api.GetAsync(made.Location!)).Status.Should().Be(200, "{0} is there at once", made.Location);
        }
    }

    [Fact]
    public async Task Made_MessageWithoutAnAddress_Is201()
    {
        var api = (await server.SignInAsync("made2", "olga")).Api;
        (await api.PostAsync("/api/v1/conversations", Json.Object("""{ "id": "talk", "title": "T" }"""))).Ok();

        var made = await api.PostAsync("/api/v1/conversations/talk/messages", Json.Object("""{ "text": "a" }"""));

        (made.Status, made.Location).Should().Be((201, null));
    }
}
