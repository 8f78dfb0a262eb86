using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using RealtimeHub.Contracts;
using RealtimeHub.Integration.Tests.Server;

namespace RealtimeHub.Integration.Tests.BadInput;

/// <summary>What is wrong over HTTP is refused with a problem, and harms nobody.</summary>
public sealed class BadHttpTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    private const string Messages = "/api/v1/conversations/talk/messages";
    private const string Events = "/api/v1/topics/conversation:talk/events";
    private const string Participant = "/api/v1/conversations/talk/participants/user/mia";
    private const string JsonType = "application/json";

    private static readonly string Deep = Nested(60);

    [Theory]
    [InlineData("conversations")]
    [InlineData("agents")]
    public async Task Get_OneThingByWhatIsNoId_NamesTheIdAndIsAudited(string things)
    {
        var person = await server.SignInAsync(server.NewTenant(), "olga");

        var problem = (await person.Api.GetAsync($"/api/v1/{things}/a%20b")).Problem(400, "invalid_request");

        problem["errors"]!.AsObject().Select(e => e.Key).Should().Equal("id");
        var record = server.Audit.Of(person.Tenant).Should().ContainSingle().Subject;
        (record.Request, record.Outcome, record.Topic).Should().Be((nameof(GetSnapshot), ErrorCode.InvalidRequest, null));
    }

    /// <summary>Name, method, path, body, content type, status, code, the member that the error names.</summary>
    public static TheoryData<string, string, string, string?, string?, int, string, string?> Requests() => new()
    {
        { "malformed", "POST", Messages, "{ \"text\": ", JsonType, 400, "invalid_request", null },
        { "two values", "POST", Messages, "{ \"text\": \"a\" } {}", JsonType, 400, "invalid_request", null },
        { "a comment", "POST", Messages, "{ \"text\": \"a\" /* b */ }", JsonType, 400, "invalid_request", null },
        { "no body", "POST", Messages, null, null, 400, "invalid_request", "text" },
        { "empty body", "POST", Messages, "", JsonType, 400, "invalid_request", "text" },
        { "white space", "POST", Messages, "  ", JsonType, 400, "invalid_request", "$" },
        { "null", "POST", Messages, "null", JsonType, 400, "invalid_request", "$" },
        { "a list", "POST", Messages, "[{ \"text\": \"a\" }]", JsonType, 400, "invalid_request", "$" },
        { "a string", "POST", Messages, "\"text\"", JsonType, 400, "invalid_request", "$" },
        { "a number", "POST", Messages, "5", JsonType, 400, "invalid_request", "$" },
        { "text", "POST", Messages, "{ \"text\": \"a\" }", "text/plain", 415, "invalid_request", null },
        { "a form", "POST", Messages, "text=a", "application/x-www-form-urlencoded", 415, "invalid_request", null },
        { "no content type", "POST", Messages, "{ \"text\": \"a\" }", null, 415, "invalid_request", null },
        { "a patch", "PATCH", "/api/v1/conversations/talk", "{ \"title\": \"a\" }", "application/merge-patch+json", 415, "invalid_request", null },
        { "a problem", "POST", Messages, "{ \"text\": \"a\" }", "application/problem+json", 415, "invalid_request", null },
        { "two roles", "POST", "/api/v1/conversations", """{ "title": "a", "participants": [{ "kind": "user", "id": "a", "role": "member, observer" }] }""", JsonType, 400, "invalid_request", "participants[0].role" },
        { "two kinds", "POST", "/api/v1/conversations", """{ "title": "a", "participants": [{ "kind": "user,agent", "id": "a" }] }""", JsonType, 400, "invalid_request", "participants[0].kind" },
        { "a kind in other letters", "POST", "/api/v1/conversations", """{ "title": "a", "participants": [{ "kind": "User", "id": "a" }] }""", JsonType, 400, "invalid_request", "participants[0].kind" },
        { "two permissions", "PUT", "/api/v1/topics/agent:writer/access/user/a/view,own", null, null, 400, "invalid_request", "permission" },
        { "two statuses", "POST", "/api/v1/topics/agent:writer/events", """{ "events": [{ "type": "agent.status_changed", "data": { "status": "online,busy" } }] }""", JsonType, 400, "invalid_request", "events[0].data.status" },
        { "a blank before a role", "POST", Events, """{ "events": [{ "type": "message.started", "runId": "$run", "data": { "messageId": "m-2", "role": " assistant" } }] }""", JsonType, 400, "invalid_request", "events[0].data.role" },
        { "a time of no zone", "POST", Events, """{ "events": [{ "type": "custom.a", "time": "2026-01-01T00:00:00", "data": {} }] }""", JsonType, 400, "invalid_request", "events[0].time" },
        { "a time of another century", "POST", Events, """{ "events": [{ "type": "custom.a", "runId": "$run", "time": "2001-01-01T00:00:00Z", "data": {} }] }""", JsonType, 400, "invalid_request", "events[0].time" },
        { "an unknown parameter of /me", "GET", "/api/v1/me?colour=red", null, null, 400, "invalid_request", "colour" },
        { "UTF-16", "POST", Messages, "{ \"text\": \"a\" }", "application/json; charset=utf-16", 415, "invalid_request", null },
        { "60 levels deep", "POST", Messages, $$"""{ "text": {{Deep}} }""", JsonType, 400, "invalid_request", "text" },
        { "60 levels deep where anything goes", "POST", "/api/v1/runs", $$"""{ "agentId": "writer", "input": {{Deep}} }""", JsonType, 400, "invalid_request", null },
        { "100 levels deep", "POST", Messages, $$"""{ "text": {{Nested(100)}} }""", JsonType, 400, "invalid_request", null },
        { "10,000 levels deep", "POST", Messages, $$"""{ "text": {{Nested(10_000)}} }""", JsonType, 400, "invalid_request", null },
        { "a member twice", "POST", Messages, """{ "text": "a", "text": "b" }""", JsonType, 400, "invalid_request", null },
        { "an inner member twice", "POST", "/api/v1/conversations", """{ "title": "a", "participants": [{ "kind": "user", "id": "a", "id": "b" }] }""", JsonType, 400, "invalid_request", null },
        { "a member of anything twice", "POST", "/api/v1/runs", """{ "agentId": "writer", "input": { "a": 1, "a": 2 } }""", JsonType, 400, "invalid_request", null },
        { "a label twice", "POST", "/api/v1/conversations", """{ "title": "a", "labels": { "a": "1", "a": "2" } }""", JsonType, 400, "invalid_request", null },
        { "a lone surrogate", "POST", Messages, """{ "text": "\ud800" }""", JsonType, 400, "invalid_request", null },
        { "a lone low surrogate", "POST", Messages, """{ "text": "a\udc00b" }""", JsonType, 400, "invalid_request", null },
        { "a lone surrogate as a name", "POST", Messages, """{ "text": "a", "\ud800": 1 }""", JsonType, 400, "invalid_request", null },
        { "a lone surrogate as the name of a participant's member", "PUT", Participant, """{ "\ud800": 1 }""", JsonType, 400, "invalid_request", null },
        { "a lone surrogate as a label", "POST", "/api/v1/conversations", """{ "title": "a", "labels": { "\ud800": "x" } }""", JsonType, 400, "invalid_request", null },
        { "a lone surrogate where anything goes", "POST", "/api/v1/runs", """{ "agentId": "writer", "input": { "a": ["\ud800"] } }""", JsonType, 400, "invalid_request", "input" },
        { "a lone surrogate in an event", "POST", Events, """{ "events": [{ "type": "custom.a", "data": { "a": "\ud800" } }] }""", JsonType, 400, "invalid_request", "events[0].data" },
        { "a lone surrogate as a name in an event", "POST", Events, """{ "events": [{ "type": "custom.a", "data": { "\ud800": 1 } }] }""", JsonType, 400, "invalid_request", "events[0].data" },
        { "bytes that are no UTF-8", "POST", Messages, "{ \"text\": \"\u00ff\" }", "application/json; latin1", 400, "invalid_request", null },
        { "a raw control character", "POST", Messages, "{ \"text\": \"a\u0001b\" }", JsonType, 400, "invalid_request", null },
        { "huge text", "POST", Messages, $$"""{ "text": "{{new string('x', 40_000)}}" }""", JsonType, 413, "too_large", "text" },
        { "a huge custom event", "POST", Events, $$"""{ "events": [{ "type": "custom.a", "data": { "a": "{{new string('x', 70_000)}}" } }] }""", JsonType, 413, "too_large", "events[0].data" },
        { "a huge delta", "POST", Events, $$"""{ "events": [{ "type": "message.delta", "runId": "$run", "data": { "messageId": "m-1", "text": "{{new string('x', 262_144)}}" } }] }""", JsonType, 413, "too_large", null },
        { "over 1 MiB", "POST", Messages, $$"""{ "text": "{{new string('x', 1024 * 1024)}}" }""", JsonType, 413, "too_large", null },
        { "over 1 MiB and malformed", "POST", Messages, new string('[', (1024 * 1024) + 1), JsonType, 413, "too_large", null },
        { "an unknown member", "POST", Messages, """{ "text": "a", "colour": "red" }""", JsonType, 400, "invalid_request", "colour" },
        { "a member in other letters", "POST", Messages, """{ "Text": "a" }""", JsonType, 400, "invalid_request", "Text" },
        { "an ill-typed member", "POST", Messages, """{ "text": { "a": 1 } }""", JsonType, 400, "invalid_request", "text" },
        { "an ill-typed item", "POST", Messages, """{ "text": "a", "artifactIds": ["a", 5] }""", JsonType, 400, "invalid_request", "artifactIds[1]" },
        { "a number too large", "POST", "/api/v1/runs", """{ "agentId": "writer", "input": 1, "timeoutSeconds": 1e400 }""", JsonType, 400, "invalid_request", "timeoutSeconds" },
        { "a malformed id", "POST", "/api/v1/conversations/a%20b/messages", """{ "text": "a" }""", JsonType, 400, "invalid_request", "conversationId" },
        { "an id with a slash", "POST", "/api/v1/conversations/a%2Fb/messages", """{ "text": "a" }""", JsonType, 400, "invalid_request", "conversationId" },
        { "a malformed topic", "GET", "/api/v1/topics/talk/events", null, null, 400, "invalid_request", "topic" },
        { "a topic of an unknown kind", "GET", "/api/v1/topics/room:talk/snapshot", null, null, 400, "invalid_request", "topic" },
        { "a malformed cursor", "GET", Events + "?after=here", null, null, 400, "invalid_request", "after" },
        { "a cursor both ways", "GET", Events + "?after=&before=", null, null, 400, "invalid_request", "before" },
        { "an unknown parameter", "GET", Events + "?colour=red", null, null, 400, "invalid_request", "colour" },
        { "a parameter twice", "GET", Events + "?limit=1&limit=2", null, null, 400, "invalid_request", "limit" },
        { "an unknown parameter of a snapshot", "GET", "/api/v1/topics/conversation:talk/snapshot?colour=red", null, null, 400, "invalid_request", "colour" },
        { "an unknown parameter of a conversation", "GET", "/api/v1/conversations/talk?colour=red", null, null, 400, "invalid_request", "colour" },
        { "an unknown parameter of a list", "GET", "/api/v1/conversations?colour=red", null, null, 400, "invalid_request", "colour" },
        { "an unknown parameter of a command", "POST", Messages + "?colour=red", """{ "text": "a" }""", JsonType, 400, "invalid_request", "colour" },
        { "a member in the query of a command", "POST", Messages + "?text=a", null, null, 400, "invalid_request", "text" },
        { "no limit", "GET", Events + "?limit=", null, null, 400, "invalid_request", "limit" },
        { "path and body differ", "POST", Messages, """{ "conversationId": "other", "text": "a" }""", JsonType, 400, "invalid_request", "conversationId" },
        { "path and body differ in a participant", "PUT", Participant, """{ "participant": { "kind": "user", "id": "moe" } }""", JsonType, 400, "invalid_request", "participant.id" },
        { "path and body of another type", "POST", Messages, """{ "conversationId": 5, "text": "a" }""", JsonType, 400, "invalid_request", "conversationId" },
        { "a participant of a strange kind", "PUT", "/api/v1/conversations/talk/participants/robot/r", "{}", JsonType, 400, "invalid_request", "participant.kind" },
        { "the service as a participant", "PUT", "/api/v1/conversations/talk/participants/system/s", "{}", JsonType, 400, "invalid_request", "participant.kind" },
        { "path and query differ", "GET", Events + "?topic=conversation:other", null, null, 400, "invalid_request", "topic" },
        { "keys differ", "POST", Messages, """{ "text": "a", "idempotencyKey": "other" }""", JsonType, 400, "invalid_request", "idempotencyKey" },
        { "keys differ for a participant", "PUT", Participant, """{ "role": "member", "idempotencyKey": "other" }""", JsonType, 400, "invalid_request", "idempotencyKey" },
        { "no such route", "GET", "/api/v1/nothing", null, null, 404, "not_found", null },
        { "no such route beside the API", "POST", "/nothing", "{}", JsonType, 404, "not_found", null },
        { "a wrong method", "PATCH", Messages, "{}", JsonType, 405, "invalid_request", null },
        { "a wrong method for a list", "DELETE", "/api/v1/conversations", null, null, 405, "invalid_request", null },
        { "a wrong method for a token", "GET", "/auth/dev-token", null, null, 405, "invalid_request", null },
        { "an unknown event type", "POST", Events, """{ "events": [{ "type": "message.eaten", "data": {} }] }""", JsonType, 400, "invalid_request", "events[0].type" },
        { "a wrong offset", "POST", Events, """{ "events": [{ "type": "message.delta", "runId": "$run", "data": { "messageId": "m-1", "text": "p", "offset": 4 } }] }""", JsonType, 409, "conflict", null },
        { "a negative offset", "POST", Events, """{ "events": [{ "type": "message.delta", "runId": "$run", "data": { "messageId": "m-1", "text": "p", "offset": -1 } }] }""", JsonType, 400, "invalid_request", "events[0].data.offset" },
        { "nothing but the last is wrong", "POST", Events, """{ "events": [{ "type": "message.delta", "runId": "$run", "data": { "messageId": "m-1", "text": "p" } }, { "type": "message.delta", "runId": "$run", "data": { "messageId": "m-2", "text": "p" } }] }""", JsonType, 404, "not_found", null },
        { "a run that is none", "POST", Events, """{ "events": [{ "type": "message.started", "runId": "other", "data": { "messageId": "m-2", "role": "assistant" } }] }""", JsonType, 400, "invalid_request", "events[0].runId" },
        { "data of another run", "POST", Events, """{ "events": [{ "type": "run.completed", "runId": "$run", "data": { "runId": "other" } }] }""", JsonType, 400, "invalid_request", "events[0].runId" },
        { "an agent that it does not speak for", "POST", Events, """{ "agentId": "other", "events": [{ "type": "custom.a", "data": {} }] }""", JsonType, 403, "forbidden", null },
        { "a copy", "POST", Events, """{ "events": [{ "type": "custom.a", "origin": { "topic": "agent:writer", "seq": 1 }, "data": {} }] }""", JsonType, 400, "invalid_request", "events[0].origin" },
        { "an actor", "POST", Events, """{ "events": [{ "type": "custom.a", "actor": { "kind": "user", "id": "olga" }, "data": {} }] }""", JsonType, 400, "invalid_request", "events[0].actor" },
        { "33 levels of custom data", "POST", Events, $$"""{ "events": [{ "type": "custom.a", "data": { "a": {{Nested(33)}} } }] }""", JsonType, 400, "invalid_request", null },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task Send_BadInput_IsAProblemThatNobodyElseNotices(
        string what, string method, string path, string? body, string? contentType, int status, string code, string? member)
    {
        await using var bystander = await Bystander.StandByAsync(server);
        var sender = path == Events ? bystander.Runtime : bystander.Owner;
        var key = what.StartsWith("keys differ", StringComparison.Ordinal) ? "one" : null;

        var answer = await sender.Api.SendAsync(
            HttpMethod.Parse(method), path, Content(body?.Replace("$run", bystander.Run, StringComparison.Ordinal), contentType), ("Idempotency-Key", key));

        var problem = answer.Problem(status, code);
        if (member is not null)
        {
            (problem["errors"] as JsonObject ?? []).Select(e => e.Key).Should().Contain(member);
        }

        (await sender.Api.GetAsync("/api/v1/me")).Ok();
        await bystander.NoticesNothingAsync();
    }

    [Fact]
    public async Task Send_ChunkedBodyOverTheLimit_IsTooLarge()
    {
        await using var bystander = await Bystander.StandByAsync(server);
        var content = Content($$"""{ "text": "{{new string('x', 2 * 1024 * 1024)}}" }""", JsonType);

        var answer = await bystander.Owner.Api.SendAsync(HttpMethod.Post, Messages, new Chunked(content!));

        answer.Problem(413, "too_large");
        await bystander.NoticesNothingAsync();
    }

    [Fact]
    public async Task Send_ChunkedBodyOfAnotherType_IsUnsupported()
    {
        await using var bystander = await Bystander.StandByAsync(server);

        var answer = await bystander.Owner.Api.SendAsync(
            HttpMethod.Post, Messages, new Chunked(Content("""{ "text": "a" }""", "text/plain")!));

        answer.Problem(415, "invalid_request");
        await bystander.NoticesNothingAsync();
    }

    [Fact]
    public async Task Publish_WrongOffset_SaysWhatIsExpected()
    {
        await using var bystander = await Bystander.StandByAsync(server);

        var answer = await bystander.Runtime.Api.PostAsync(Events, Json.Object($$"""
            { "events": [{ "type": "message.delta", "runId": "{{bystander.Run}}", "data": { "messageId": "m-1", "text": "p", "offset": 4 } }] }
            """));

        ((int?)answer.Problem(409, "conflict")["details"]!["expected"]).Should().Be(3);
    }

    [Fact]
    public async Task Publish_IntoAnEndedRun_SaysHowItEnded()
    {
        await using var bystander = await Bystander.StandByAsync(server);
        Task<Answer> PublishAsync(string type, string data) => bystander.Runtime.Api.PostAsync(Events, Json.Object(
            $$"""{ "events": [{ "type": "{{type}}", "runId": "{{bystander.Run}}", "data": {{data}} }] }"""));
        (await PublishAsync("run.failed", $$"""{ "runId": "{{bystander.Run}}", "error": { "code": "x", "message": "y" } }""")).Ok();

        foreach (var (type, data) in new[]
        {
            ("run.completed", $$"""{ "runId": "{{bystander.Run}}" }"""), ("message.delta", """{ "messageId": "m-1", "text": "p" }"""),
            ("message.started", """{ "messageId": "m-2", "role": "assistant" }"""), ("custom.a", "{}"),
        })
        {
            ((string?)(await PublishAsync(type, data)).Problem(409, "conflict")["details"]!["status"]).Should().Be("failed", type);
        }
    }

    [Fact]
    public async Task Publish_IntoAnotherAgentsRun_IsRefused()
    {
        await using var bystander = await Bystander.StandByAsync(server);
        var rival = await server.SignInAsync(bystander.Owner.Tenant, "rita", agents: ["rival"]);

        var answer = await rival.Api.PostAsync(Events, Json.Object(
            $$"""{ "events": [{ "type": "run.completed", "runId": "{{bystander.Run}}", "data": { "runId": "{{bystander.Run}}" } }] }"""));

        answer.Problem(404, "not_found");
        await bystander.NoticesNothingAsync();
    }

    [Theory]
    [InlineData("POST", Messages, """{ "conversationId": null, "text": "Hi", "replyTo": null }""", null)]
    [InlineData("POST", Messages, """{ "idempotencyKey": null, "text": "Hi" }""", "key-of-the-header")]
    [InlineData("PUT", Participant, """{ "role": "member", "participant": null }""", null)]
    [InlineData("PUT", Participant, """{ "participant": { "kind": null, "id": null, "role": "observer" }, "conversationId": null }""", null)]
    public async Task Send_NullBesideThePathOrTheHeader_IsAsGoodAsAbsent(string method, string path, string body, string? key)
    {
        await using var bystander = await Bystander.StandByAsync(server);

        (await bystander.Owner.Api.SendAsync(new HttpMethod(method), path, Json.Object(body), key)).Ok();
    }

    [Fact]
    public async Task Send_QuotedCharset_IsTaken()
    {
        await using var bystander = await Bystander.StandByAsync(server);

        (await bystander.Owner.Api.SendAsync(HttpMethod.Post, Messages, Content("""{ "text": "a" }""", "application/json; charset=\"UTF-8\"")!)).Ok();
    }

    [Fact]
    public async Task Send_ControlCharactersEscaped_AreKept()
    {
        await using var bystander = await Bystander.StandByAsync(server);

        (await bystander.Owner.Api.PostAsync(Messages, """{ "text": "a\u0000\u0001\u007f\u2028\ufeff\uffffb" }""")).Ok();

        var events = await bystander.Owner.HistoryAsync("conversation:talk");
        ((string?)events[^1]["data"]!["text"]).Should().Be("a\0\u0001\u007f\u2028\ufeff\uffffb");
    }

    private static string Nested(int levels) => new string('[', levels) + new string(']', levels);

    private static ByteArrayContent? Content(string? body, string? contentType)
    {
        if (body is null)
        {
            return null;
        }

        var latin = contentType?.EndsWith("latin1", StringComparison.Ordinal) == true;
        var content = new ByteArrayContent((latin ? Encoding.Latin1 : Encoding.UTF8).GetBytes(body));
        content.Headers.ContentType = contentType is null ? null : MediaTypeHeaderValue.Parse(latin ? JsonType : contentType);
        return content;
    }

    /// <summary>Content whose length nobody knows beforehand.</summary>
    private sealed class Chunked : HttpContent
    {
        private readonly HttpContent inner;

        public Chunked(HttpContent inner)
        {
            this.inner = inner;
            Headers.ContentType = inner.Headers.ContentType;
        }

        protected override Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context) =>
            inner.CopyToAsync(stream, TestContext.Current.CancellationToken);

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
