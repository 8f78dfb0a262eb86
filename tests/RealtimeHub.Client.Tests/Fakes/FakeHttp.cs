using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using RealtimeHub.Client.Connection;
using RealtimeHub.Contracts;

namespace RealtimeHub.Client.Tests.Fakes;

/// <summary>The little of HTTP that clients need: snapshots and development tokens.</summary>
internal static class FakeHttp
{
    public static void Map(WebApplication app, FakeServer server)
    {
        app.MapGet("/api/v1/topics/{topic}/snapshot", (string topic) => server.Refusals.ContainsKey(topic)
            ? Results.Json(new { code = "not_found", detail = "It is not there." }, statusCode: 404, contentType: "application/problem+json")
            : Results.Json(new TopicSnapshot(server.Topic(topic).State, server.Topic(topic).CursorAt(server.Topic(topic).Head)), WireJson.Options));
        app.MapPost("/auth/dev-token", async (HttpContext context) =>
        {
            var body = await JsonSerializer.DeserializeAsync<JsonElement>(context.Request.Body, cancellationToken: context.RequestAborted);
            server.Answer("dev-token", body);
            return Results.Json(new { accessToken = "dev-token-1", expiresAt = TimeProvider.System.GetUtcNow().AddHours(1) });
        });
    }
}
