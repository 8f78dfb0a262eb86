using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using RealtimeHub.Integration.Tests.Parity;
using RealtimeHub.Integration.Tests.Server;

namespace RealtimeHub.Integration.Tests.BadInput;

/// <summary>CloudEvents are another spelling of PublishEvents: what is stored is the same, and what is wrong is refused with its path.</summary>
public sealed class CloudEventTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    private const string Events = "/api/v1/topics/conversation:talk/events";
    private const string One = "application/cloudevents+json";
    private const string Batch = "application/cloudevents-batch+json";
    private const string Valid = """{ "specversion": "1.0", "id": "e1", "source": "/crm", "type": "custom.note", "data": { "n": 1 } }""";

    /// <summary>Member, value as JSON (null: left out), the member that the error names.</summary>
    public static TheoryData<string, string?, string> Wrong() => new()
    {
        { "specversion", null, "events[0].specversion" },
        { "specversion", "\"0.3\"", "events[0].specversion" },
        { "specversion", "1.0", "events[0].specversion" },
        { "id", null, "events[0].id" },
        { "id", "\"\"", "events[0].id" },
        { "id", "\"a b\"", "events[0].id" },
        { "id", "5", "events[0].id" },
        { "source", null, "events[0].source" },
        { "source", "\"\"", "events[0].source" },
        { "type", null, "events[0].type" },
        { "type", "\"com.example.note\"", "events[0].type" },
        { "time", "\"yesterday\"", "events[0].time" },
        { "subject", "\"conversation:other\"", "events[0].subject" },
        { "datacontenttype", "\"text/plain\"", "events[0].datacontenttype" },
        { "data_base64", "\"AAAA\"", "events[0].data_base64" },
        { "runid", "\"a b\"", "events[0].runId" },
        { "runid", "5", "events[0].runid" },
        { "agentid", "\"a b\"", "agentId" },
        { "traceparent", "\"here\"", "events[0].traceparent" },
        { "Not_An_Attribute", "\"x\"", "events[0]" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task Wrong_Member_IsNamed(string member, string? value, string path)
    {
        await using var world = await WorldAsync();
        var body = Json.Object(Valid);
        body.Remove(member);
        if (value is not null)
        {
            body[member] = JsonNode.Parse(value);
        }

        foreach (var (type, text) in new[] { (One, body.ToJsonString()), (Batch, $"[{body.ToJsonString()}]") })
        {
            var answer = await SendAsync(world, type, text);
            (answer.Status, answer.Code).Should().Be((400, "invalid_request"), because: answer.Body?.ToJsonString());
            answer.Body!.ToJsonString().Should().Contain($"\"{path}\"");
        }
    }

    [Theory]
    [InlineData(One, "[]")]
    [InlineData(One, "5")]
    [InlineData(One, "{ \"id\": ")]
    [InlineData(One, "")]
    [InlineData(Batch, "{}")]
    [InlineData(Batch, "[]")]
    [InlineData(Batch, "[null]")]
    [InlineData(Batch, "[[]]")]
    public async Task Malformed_IsInvalid(string type, string body)
    {
        await using var world = await WorldAsync();
        var answer = await SendAsync(world, type, body);
        (answer.Status, answer.Code).Should().Be((400, "invalid_request"));
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/cloudevents+avro")]
    public async Task OtherMediaType_Is415(string type)
    {
        await using var world = await WorldAsync();
        (await SendAsync(world, type, Valid)).Status.Should().Be(415);
    }

    [Fact]
    public async Task Batch_OfTwoAgents_IsInvalid()
    {
        await using var world = await WorldAsync();
        var (first, second) = (Json.Object(Valid), Json.Object(Valid));
        (first["agentid"], second["id"]) = ("writer", "e2");
        var answer = await SendAsync(world, Batch, $"[{first.ToJsonString()},{second.ToJsonString()}]");
        answer.Status.Should().Be(400);
        answer.Body!.ToJsonString().Should().Contain("events[1].agentid");
    }

    [Fact]
    public async Task Valid_IsStoredAsTheJsonIngestStoresIt()
    {
        await using var world = await WorldAsync();
        await world.StartRunAsync();
        var time = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'");
        const string Trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        string Cloud(string id) => $$"""
            { "specversion": "1.0", "id": "{{id}}", "source": "/crm", "type": "custom.note", "time": "{{time}}", "subject": "conversation:talk",
              "datacontenttype": "application/json", "runid": "{{world.Run}}", "agentid": "writer", "traceparent": "{{Trace}}", "other": "x", "data": { "n": 1 } }
            """;
        (await (await world.ApiAsync("wren")).PostAsync(Events, Json.Object($$"""
            { "agentId": "writer", "events": [{ "id": "json", "type": "custom.note", "time": "{{time}}", "runId": "{{world.Run}}",
              "traceparent": "{{Trace}}", "data": { "n": 1 } }] }
            """))).Ok();
        (await SendAsync(world, One, Cloud("one"))).Ok();
        (await SendAsync(world, One, Cloud("one"))).Ok();
        (await SendAsync(world, Batch, $"[{Cloud("two")},{Cloud("three")}]")).Ok();

        var history = (await (await world.ApiAsync("olga")).GetAsync($"{Events}?types=custom.note")).Ok()["events"]!.AsArray();
        history.Select(e => (string)e!["id"]!).Should().Equal("json", "one", "two", "three");
        history.Select(Bare).Distinct().Should().ContainSingle();

        static string Bare(JsonNode? e)
        {
            var bare = e!.DeepClone().AsObject();
            foreach (var own in (string[])["id", "seq", "cursor"])
            {
                bare.Remove(own);
            }

            return bare.ToJsonString();
        }
    }

    private static async Task<Answer> SendAsync(ParityWorld world, string type, string body)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        return await (await world.ApiAsync("wren")).SendAsync(HttpMethod.Post, Events, content);
    }

    private async Task<ParityWorld> WorldAsync()
    {
        var world = new ParityWorld(server);
        await world.PopulateAsync();
        return world;
    }
}
