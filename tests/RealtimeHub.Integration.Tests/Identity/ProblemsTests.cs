using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using RealtimeHub.Contracts;
using RealtimeHub.Server.Errors;

namespace RealtimeHub.Integration.Tests.Identity;

public sealed class ProblemsTests
{
    [Theory]
    [InlineData(ErrorCode.InvalidRequest, 400, "invalid_request")]
    [InlineData(ErrorCode.Unauthenticated, 401, "unauthenticated")]
    [InlineData(ErrorCode.Forbidden, 403, "forbidden")]
    [InlineData(ErrorCode.NotFound, 404, "not_found")]
    [InlineData(ErrorCode.Conflict, 409, "conflict")]
    [InlineData(ErrorCode.Gone, 410, "gone")]
    [InlineData(ErrorCode.TooLarge, 413, "too_large")]
    [InlineData(ErrorCode.RateLimited, 429, "rate_limited")]
    [InlineData(ErrorCode.Unavailable, 503, "unavailable")]
    [InlineData(ErrorCode.Internal, 500, "internal")]
    public async Task Write_Code_HasItsStatusBothWays(ErrorCode code, int status, string name)
    {
        var (response, body) = await WriteAsync(new Error(code, "Why."));

        response.StatusCode.Should().Be(status);
        ((int?)body["status"]).Should().Be(status);
        ((string?)body["code"]).Should().Be(name);
        ((string?)body["detail"]).Should().Be("Why.");
        ((string?)body["title"]).Should().NotBeNullOrEmpty();
        Problems.CodeOf(status).Should().Be(code);
    }

    [Fact]
    public void StatusOf_EveryCode_IsKnown() => Enum.GetValues<ErrorCode>().Select(Problems.StatusOf).Should().OnlyHaveUniqueItems();

    [Theory]
    [InlineData(ErrorCode.RateLimited, 1, "1", 1)]
    [InlineData(ErrorCode.RateLimited, 1001, "2", 1001)]
    [InlineData(ErrorCode.Unavailable, null, "1", 1000)]
    public async Task Write_ComeAgain_SaysWhen(ErrorCode code, int? retryAfterMs, string header, int member)
    {
        var (response, body) = await WriteAsync(new Error(code, "Later.") { RetryAfterMs = retryAfterMs });

        response.Headers.RetryAfter.ToString().Should().Be(header);
        ((int?)body["retryAfterMs"]).Should().Be(member);
    }

    [Fact]
    public async Task Write_ErrorsAndDetails_AreMembers()
    {
        var details = new JsonObject { ["stored"] = 3 };
        var error = Error.Invalid("title", "must not be empty") with { Details = details };

        var (_, body) = await WriteAsync(error);
        await WriteAsync(error);

        body["errors"]!.ToJsonString().Should().Be("""{"title":["must not be empty"]}""");
        body["details"]!.ToJsonString().Should().Be("""{"stored":3}""");
    }

    [Fact]
    public async Task WriteStatus_FrameworksOwn_KeepsTheStatus()
    {
        var context = new DefaultHttpContext { Response = { Body = new MemoryStream(), StatusCode = 405 } };

        await Problems.WriteStatusAsync(context);

        context.Response.StatusCode.Should().Be(405);
        ((string?)Read(context)["code"]).Should().Be("invalid_request");
    }

    private static async Task<(HttpResponse, JsonNode)> WriteAsync(Error error)
    {
        var context = new DefaultHttpContext { Response = { Body = new MemoryStream() } };
        await Problems.WriteAsync(context, error);
        context.Response.ContentType.Should().Be("application/problem+json");
        return (context.Response, Read(context));
    }

    private static JsonNode Read(HttpContext context)
    {
        context.Response.Body.Position = 0;
        return JsonNode.Parse(context.Response.Body)!;
    }
}
