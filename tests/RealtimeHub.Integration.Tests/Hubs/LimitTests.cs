using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using RealtimeHub.Contracts;
using RealtimeHub.Integration.Tests.Server;
using RealtimeHub.Server;
using RealtimeHub.Specification;

namespace RealtimeHub.Integration.Tests.Hubs;

/// <summary>Each limit of the protocol can be set, and is answered as the protocol says; 0 switches it off.</summary>
public sealed class LimitTests
{
    private const string Messages = "/api/v1/conversations/talk/messages";
    private const string Events = "/api/v1/topics/conversation:talk/events";

    [Theory]
    [InlineData("TextBytes", 200)]
    [InlineData("BodyBytes", 500)]
    public async Task Command_OverTheLimit_IsTooLarge(string limit, int value)
    {
        await using var server = await StartAsync((limit, value));
        var stage = await Stage.SetAsync(server);

        (await stage.Mia.Api.PostAsync(Messages, Text(value + 1))).Problem(413, "too_large");
        (await stage.Mia.Api.PostAsync(Messages, Text(100))).Ok();
    }

    [Fact]
    public async Task Command_WithTheLimitsOff_TakesWhatTheyWouldRefuse()
    {
        await using var server = await StartAsync(("TextBytes", 0), ("BodyBytes", 0), ("HubMessageBytes", 0));
        var stage = await Stage.SetAsync(server);
        await using var hub = await stage.Mia.ConnectAsync(HubPaths.Operator);

        (await stage.Mia.Api.PostAsync(Messages, Text(2_000_000))).Ok();
        var sent = Text(300_000);
        sent["conversationId"] = "talk";
        ((bool?)(await hub.CallAsync("SendMessage", sent))["ok"]).Should().BeTrue();
    }

    [Fact]
    public async Task Publish_OverTheTextOfAnItem_IsTooLarge()
    {
        await using var server = await StartAsync(("AccumulatedTextBytes", 100));
        var stage = await Stage.SetAsync(server);
        var run = await stage.StartRunAsync();
        await stage.PublishAsync(
            Stage.Event(run, "message.started", """{ "messageId": "m", "role": "assistant" }"""), Stage.Event(run, "message.delta", Delta(60)));

        (await PublishAsync(stage, Stage.Event(run, "message.delta", Delta(60)))).Problem(413, "too_large");
        (await PublishAsync(stage, Stage.Event(run, "message.delta", Delta(40)))).Ok();
    }

    [Fact]
    public async Task Publish_AnEventOverItsLimit_IsTooLarge()
    {
        await using var server = await StartAsync(("EventBytes", 300));
        var stage = await Stage.SetAsync(server);
        var run = await stage.StartRunAsync();

        (await PublishAsync(stage, Stage.Event(run, "run.completed", Completed(run, 400)))).Problem(413, "too_large");
        (await PublishAsync(stage, Stage.Event(run, "run.completed", Completed(run, 100)))).Ok();
    }

    [Fact]
    public async Task Publish_WithTheLimitsOff_TakesWhatTheyWouldRefuse()
    {
        await using var server = await StartAsync(("AccumulatedTextBytes", 0), ("EventBytes", 0), ("AgentMessageBytes", 0), ("BodyBytes", 0));
        var stage = await Stage.SetAsync(server);
        var run = await stage.StartRunAsync();
        await stage.PublishAsync(
            Stage.Event(run, "message.started", """{ "messageId": "m", "role": "assistant" }"""),
            Stage.Event(run, "reasoning.started", """{ "reasoningId": "m" }"""),
            Stage.Event(run, "tool_call.started", """{ "toolCallId": "m", "name": "search" }"""));

        foreach (var (type, member) in ((string, string)[])
        [
            ("message.delta", "messageId"), ("reasoning.delta", "reasoningId"), ("tool_call.arguments_delta", "toolCallId"),
        ])
        {
            for (var i = 0; i < 2; i++)
            {
                (await PublishAsync(stage, Stage.Event(run, type, Delta(200_000).Replace("messageId", member, StringComparison.Ordinal)))).Ok();
            }
        }

        (await PublishAsync(stage, Stage.Event(run, "run.completed", Completed(run, 600_000)))).Ok();
        await using var hub = await stage.Wren.ConnectAsync(HubPaths.Agent);
        var answered = await hub.CallAsync("Unsubscribe", new JsonObject { ["topics"] = new JsonArray(new string('x', 1_400_000)) });
        ((string?)answered["error"]?["code"]).Should().Be("invalid_request", "the message was read");
    }

    [Theory]
    [InlineData("reasoning.started", "reasoning.delta", """{ "reasoningId": "m" }""", "reasoningId")]
    [InlineData("tool_call.started", "tool_call.arguments_delta", """{ "toolCallId": "m", "name": "search" }""", "toolCallId")]
    public async Task Publish_OverTheTextOfAReasoningOrArguments_IsTooLarge(string started, string delta, string data, string member)
    {
        await using var server = await StartAsync(("AccumulatedTextBytes", 100));
        var stage = await Stage.SetAsync(server);
        var run = await stage.StartRunAsync();
        await stage.PublishAsync(Stage.Event(run, started, data), Stage.Event(run, delta, Of(60)));

        (await PublishAsync(stage, Stage.Event(run, delta, Of(60)))).Problem(413, "too_large");
        (await PublishAsync(stage, Stage.Event(run, delta, Of(40)))).Ok();

        string Of(int characters) => Delta(characters).Replace("messageId", member, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HubMessageBytes", HubPaths.Operator)]
    [InlineData("AgentMessageBytes", HubPaths.Agent)]
    public async Task Message_OverTheLimitOfItsHub_EndsTheConnection(string limit, string path)
    {
        await using var server = await StartAsync((limit, 2_000));
        var stage = await Stage.SetAsync(server);
        await using var hub = await stage.Olga.ConnectAsync(path);
        await hub.OkAsync("Unsubscribe", Json.Object("""{ "topics": [] }"""));

        var call = () => hub.CallAsync("Unsubscribe", new JsonObject { ["topics"] = new JsonArray(new string('x', 2_100)) });

        await call.Should().ThrowAsync<Exception>();
        await Deadline.Within(hub.Closed);
    }

    [Fact]
    public async Task Subscribe_OverTheLimit_SaysSo()
    {
        await using var server = await StartAsync(("SubscriptionsPerConnection", 1));
        var stage = await Stage.SetAsync(server);
        await using var hub = await stage.Olga.ConnectAsync(HubPaths.Events);

        ((string?)(await hub.SubscribeAsync(Stage.Talk))["status"]).Should().Be("ok");
        ((string?)(await hub.SubscribeAsync(Stage.Writer))["status"]).Should().Be("limit");
    }

    [Fact]
    public async Task Subscribe_WithTheLimitOff_TakesMoreThanItWouldAllow()
    {
        await using var server = await StartAsync(("SubscriptionsPerConnection", 0), ("CommandsPerSecond", 0));
        var olga = await server.SignInAsync(server.NewTenant(), "olga");
        string[] ids = [.. Enumerable.Range(0, 260).Select(i => $"c{i}")];
        foreach (var id in ids)
        {
            (await olga.Api.PostAsync("/api/v1/conversations", new JsonObject { ["id"] = id, ["title"] = "T" })).Ok();
        }

        await using var hub = await olga.ConnectAsync(HubPaths.Events);
        var value = await hub.OkAsync("Subscribe", new JsonObject
        {
            ["subscriptions"] = new JsonArray([.. ids.Select(id => new JsonObject { ["topic"] = $"conversation:{id}", ["from"] = "latest" })]),
        });

        value["subscriptions"]!.AsArray().Select(s => (string?)s!["status"]).Should().HaveCount(260).And.AllBe("ok");
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("many")]
    [InlineData("1.5")]
    public void Start_WithALimitThatIsNone_IsRefused(string textBytes)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration.AddInMemoryCollection([KeyValuePair.Create("Limits:TextBytes", (string?)textBytes)]);

        var compose = builder.AddHubs;

        StartFailures.Explain(compose.Should().Throw<Exception>().Which).Should().Contain("Limits__");
    }

    private static async Task<ServerFixture> StartAsync(params (string Limit, int Value)[] limits)
    {
        var server = new ServerFixture
        {
            Configure = builder =>
            {
                foreach (var (limit, value) in limits)
                {
                    builder.UseSetting($"Limits:{limit}", value.ToString());
                }
            },
        };
        await server.StartAsync();
        return server;
    }

    private static JsonObject Text(int characters) => new() { ["text"] = new string('x', characters) };

    private static string Delta(int characters) => $$"""{ "messageId": "m", "text": "{{new string('x', characters)}}" }""";

    private static string Completed(string run, int characters) => $$"""{ "runId": "{{run}}", "output": "{{new string('x', characters)}}" }""";

    private static Task<Answer> PublishAsync(Stage stage, JsonObject e) => stage.Wren.Api.PostAsync(Events, new JsonObject { ["events"] = new JsonArray(e) });
}
