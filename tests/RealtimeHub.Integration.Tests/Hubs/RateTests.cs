using System.Text.Json.Nodes;
using RealtimeHub.Contracts;
using RealtimeHub.Integration.Tests.Server;
using RealtimeHub.Specification;

namespace RealtimeHub.Integration.Tests.Hubs;

/// <summary>The rates of a node as its users meet them.</summary>
public sealed class RateTests : IAsyncLifetime
{
    private readonly ServerFixture server = new()
    {
        Configure = builder => builder
            .UseSetting("Limits:CommandsPerSecond", "5").UseSetting("Limits:CommandBurst", "10")
            .UseSetting("Limits:PublishedEventsPerSecond", "100").UseSetting("Limits:PublishBurst", "50")
            .UseSetting("Limits:HistoryReadsPerSecond", "2"),
    };

    public async ValueTask InitializeAsync() => await server.InitializeAsync();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task Send_TooFastOverHubAndHttp_IsOneShareAndSaysWhen()
    {
        var stage = await Stage.SetAsync(server);
        await using var hub = await stage.Mia.ConnectAsync(HubPaths.Operator);
        JsonObject? refused = null;
        for (var i = 0; i < 100 && refused is null; i++)
        {
            var reply = await hub.CallAsync("SendMessage", Json.Object($$"""{ "conversationId": "talk", "text": "{{i}}" }"""));
            refused = (bool)reply["ok"]! ? null : reply;
        }

        ((string?)refused!["error"]!["code"], (int)refused["error"]!["retryAfterMs"]! > 0).Should().Be(("rate_limited", true));
        var answer = await UntilRefusedAsync(() => stage.Mia.Api.PostAsync("/api/v1/conversations/talk/messages", Json.Object("""{ "text": "x" }""")));
        answer.Problem(429, "rate_limited");
        answer.RetryAfter.Should().BeGreaterThan(TimeSpan.Zero);
        (await stage.Olga.Api.PostAsync("/api/v1/conversations/talk/messages", Json.Object("""{ "text": "x" }"""))).Ok();
    }

    [Fact]
    public async Task Read_HistoryTooFast_IsRateLimited()
    {
        var stage = await Stage.SetAsync(server);

        var answer = await UntilRefusedAsync(() => stage.Mia.Api.GetAsync($"/api/v1/topics/{Stage.Talk}/events"));

        answer.Problem(429, "rate_limited");
        answer.RetryAfter.Should().BeGreaterThan(TimeSpan.Zero);
    }

    [Fact]
    public async Task Publish_BatchesTooFast_AreRefusedWholeAndMayComeAgain()
    {
        var stage = await Stage.SetAsync(server);
        var events = new JsonArray([.. Enumerable.Range(0, 40).Select(i => Json.Object($$"""{ "id": "e{{i}}", "type": "custom.x", "data": {} }"""))]);
        await using var hub = await stage.Olga.ConnectAsync(HubPaths.Agent);

        var first = await hub.CallAsync("PublishEvents", new JsonObject { ["topic"] = Stage.Talk, ["events"] = events.DeepClone() });
        var second = await hub.CallAsync("PublishEvents", new JsonObject { ["topic"] = Stage.Talk, ["events"] = events.DeepClone() });

        ((bool)first["ok"]!, (string?)second["error"]!["code"]).Should().Be((true, "rate_limited"));
        await Task.Delay(TimeSpan.FromMilliseconds((int)second["error"]!["retryAfterMs"]!), TimeProvider.System, TestContext.Current.CancellationToken);
        var third = await hub.CallAsync("PublishEvents", new JsonObject { ["topic"] = Stage.Talk, ["events"] = events.DeepClone() });
        ((bool)third["ok"]!).Should().BeTrue(third.ToJsonString());
    }

    [Fact]
    public async Task PublishStream_FasterThanItsRate_IsSlowedDownAndLosesNothing()
    {
        var stage = await Stage.SetAsync(server);
        await using var hub = await stage.Olga.ConnectAsync(HubPaths.Agent);
        var events = Enumerable.Range(0, 150).Select(JsonNode? (i) => Json.Object($$"""{ "id": "s{{i}}", "type": "custom.x", "data": {} }"""));

        var reply = await Deadline.Within(hub.PublishStreamAsync(Stage.Talk, null, events.ToAsyncEnumerable()));

        ((int?)reply["value"]?["stored"]).Should().Be(150, reply.ToJsonString());
    }

    private static async Task<Answer> UntilRefusedAsync(Func<Task<Answer>> call)
    {
        for (var i = 0; i < 100; i++)
        {
            if (await call() is { Status: >= 400 } refused)
            {
                return refused;
            }
        }

        throw new InvalidOperationException("Nothing was refused.");
    }
}
