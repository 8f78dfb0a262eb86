using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using RealtimeHub.Integration.Tests.Server;

namespace RealtimeHub.Integration.Tests.BadInput;

/// <summary>What the framework answers by itself looks like every other error: problem details with a code.</summary>
public sealed class FrameworkErrorTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    private const string Conversations = "/api/v1/conversations";
    private const string Json = "application/json";

    public static TheoryData<string, string, string, string?, int, string, string> Table => new()
    {
        { "no such route", "GET", "/nothing", null, 404, "not_found", "" },
        { "no such route of the API", "GET", "/api/v1/nothing", null, 404, "not_found", "" },
        { "no such version", "GET", "/api/v2/conversations", null, 404, "not_found", "" },
        { "an empty member in the path", "GET", "/api/v1/topics//events", null, 404, "not_found", "" },
        { "out of the root", "GET", "/%2e%2e/%2e%2e/etc/passwd", null, 404, "not_found", "" },
        { "no such hub", "POST", "/hubs/nothing", null, 404, "not_found", "" },
        { "no such hub's negotiation", "POST", "/hubs/nothing/negotiate", null, 404, "not_found", "" },
        { "no such schema", "GET", "/schemas/v1/nothing.json", null, 404, "not_found", "" },
        { "another method", "DELETE", Conversations, null, 405, "invalid_request", "GET, POST" },
        { "another method of a document", "POST", "/openapi/v1.json", null, 405, "invalid_request", "GET" },
        { "a method that nobody knows", "FOO", "/api/v1/me", null, 405, "invalid_request", "GET" },
        { "TRACE", "TRACE", "/api/v1/me", null, 405, "invalid_request", "GET" },
        { "OPTIONS where no other origin is allowed", "OPTIONS", Conversations, null, 405, "invalid_request", "GET, POST" },
        { "another method of a hub", "PUT", "/hubs/operator", null, 405, "invalid_request", "DELETE, GET, POST" },
        { "another method of a negotiation", "GET", "/hubs/operator/negotiate", null, 405, "invalid_request", "POST" },
        { "text", "POST", Conversations, "text/plain", 415, "invalid_request", "" },
        { "a form", "POST", Conversations, "application/x-www-form-urlencoded", 415, "invalid_request", "" },
        { "JSON in UTF-16", "POST", Conversations, "application/json; charset=utf-16", 415, "invalid_request", "" },
        { "a malformed escape in the path", "GET", "/api/v1/topics/%zz/events", null, 400, "invalid_request", "" },
        { "no UTF-8 in the path", "GET", "/api/v1/topics/%ff%fe/events", null, 400, "invalid_request", "" },
        { "an escaped slash in the path", "GET", "/api/v1/topics/conversation%3Ax%2Fy/events", null, 400, "invalid_request", "" },
        { "a malformed escape in the query", "GET", "/api/v1/topics/conversation:x/events?limit=%zz", null, 400, "invalid_request", "" },
        { "a hub without a negotiation", "POST", "/hubs/operator", null, 400, "invalid_request", "" },
        { "a hub without a connection", "GET", "/hubs/operator", null, 400, "invalid_request", "" },
        { "a poll of a connection that is none", "GET", "/hubs/operator?id=nothing", null, 404, "not_found", "" },
        { "a send to a connection that is none", "POST", "/hubs/operator?id=nothing", null, 404, "not_found", "" },
        { "the end of a connection that is none", "DELETE", "/hubs/operator?id=nothing", null, 404, "not_found", "" },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public async Task Send_WhatTheFrameworkRefuses_IsAProblem(string what, string method, string path, string? type, int status, string code, string allow)
    {
        var sam = await server.SignInAsync(server.NewTenant(), "sam");

        var answer = await sam.Api.SendAsync(HttpMethod.Parse(method), path, Content(type));

        answer.Problem(status, code);
        string.Join(", ", answer.Allow.Split(", ").Order(StringComparer.Ordinal)).Should().Be(allow, what);
    }

    [Theory]
    [InlineData("GET", Conversations)]
    [InlineData("POST", Conversations)]
    [InlineData("GET", "/api/v1/topics/conversation:x/events")]
    [InlineData("POST", "/hubs/operator/negotiate")]
    [InlineData("POST", "/hubs/operator")]
    [InlineData("GET", "/hubs/operator?id=nothing")]
    public async Task Send_WithoutAToken_IsAProblem(string method, string path) =>
        (await server.Anonymous().SendAsync(HttpMethod.Parse(method), path, content: null)).Problem(401, "unauthenticated");

    [Theory]
    [InlineData(Conversations, 200)]
    [InlineData("/openapi/v1.json", 200)]
    [InlineData("/healthz/live", 200)]
    [InlineData("/api/v1/nothing", 404)]
    public async Task Head_OfWhatCanBeGot_IsAnsweredWithoutABody(string path, int status)
    {
        var answer = await (await server.SignInAsync(server.NewTenant(), "sam")).Api.SendAsync(HttpMethod.Head, path, content: null);

        answer.Status.Should().Be(status);
        answer.Body.Should().BeNull();
    }

    [Theory]
    [InlineData(5_000_000, true)]
    [InlineData(5_000_000, false)]
    [InlineData(40_000_000, false)] // more than the web server takes at all; the client asks first
    public async Task Send_BodyOverTheLimit_IsAProblemHoweverItComes(int bytes, bool chunked)
    {
        var sam = await server.SignInAsync(server.NewTenant(), "sam");

        var answer = await sam.Api.SendAsync(HttpMethod.Post, Conversations, Large(bytes, chunked), ("Expect", "100-continue"));

        answer.Problem(413, "too_large");
        server.Errors.Entries.Should().BeEmpty();
    }

    [Theory]
    [InlineData("1000", 1001, false, 413)]
    [InlineData("1000", 1001, true, 413)]
    [InlineData("1000", 1000, true, 400)]
    [InlineData("40000000", 39_000_000, true, 400)]
    [InlineData("0", 40_000_000, true, 400)]
    public async Task Send_BodyAtAConfiguredLimit_IsReadUpToIt(string limit, int bytes, bool chunked, int status)
    {
        await using var other = new ServerFixture { Configure = host => host.UseSetting("Limits:BodyBytes", limit) };
        await other.InitializeAsync();
        var sam = await other.SignInAsync("t", "sam");

        var answer = await sam.Api.SendAsync(HttpMethod.Post, Conversations, Large(bytes, chunked));

        answer.Problem(status, status == 413 ? "too_large" : "invalid_request");
        other.Errors.Entries.Should().BeEmpty();
    }

    [Theory]
    [InlineData("bug", 500, "internal")]
    [InlineData("408", 408, "invalid_request")]
    [InlineData("413", 413, "too_large")]
    public async Task Send_SomethingThrowsOnTheWay_IsAProblemThatTellsNothing(string what, int status, string code)
    {
        await using var other = new ServerFixture
        {
            Configure = host => host.ConfigureTestServices(s => s.AddSingleton<IAuthorizationMiddlewareResultHandler>(new Throwing(what))),
        };
        await other.InitializeAsync();

        var problem = (await other.Anonymous().GetAsync(Conversations)).Problem(status, code);

        problem.ToJsonString().Should().NotContain("secret");
    }

    private static StringContent? Content(string? type)
    {
        var content = type is null ? null : new StringContent("{}", Encoding.UTF8);
        content?.Headers.ContentType = MediaTypeHeaderValue.Parse(type!);
        return content;
    }

    // JSON that would bind, but for a title that is too long.
    private static StreamContent Large(int bytes, bool chunked)
    {
        var body = Encoding.ASCII.GetBytes("{\"title\":\"" + new string('x', bytes - 12) + "\"}");
        var content = new StreamContent(chunked ? new Unseekable(body) : new MemoryStream(body));
        content.Headers.ContentType = new MediaTypeHeaderValue(Json);
        return content;
    }

    // Without a length it is sent in chunks.
    private sealed class Unseekable(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }

    private sealed class Throwing(string what) : IAuthorizationMiddlewareResultHandler
    {
        public Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult) =>
            throw (int.TryParse(what, out var status) ? new BadHttpRequestException("secret", status) : new InvalidOperationException("secret"));
    }
}
