using System.Diagnostics;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.WebUtilities;
using RealtimeHub.Contracts;

namespace RealtimeHub.Server.Errors;

/// <summary>The one place where an <see cref="Error"/> becomes an HTTP answer: <c>application/problem+json</c> (RFC 9457).</summary>
/// <remarks>
/// Beside the standard members a problem carries <c>code</c> and, where the error has them, <c>errors</c>, <c>details</c>
/// and <c>retryAfterMs</c>. The type is <c>about:blank</c>, so the title is the status' own phrase and <c>code</c> is what programs read.
/// </remarks>
internal static class Problems
{
    /// <summary>The media type of every answer that is an error.</summary>
    public const string MediaType = "application/problem+json";

    // 429 and 503 always say when to come again; this is for errors that do not know better.
    private const int DefaultRetryAfterMs = 1000;

    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The HTTP status of a code.</summary>
    public static int StatusOf(ErrorCode code) => code switch
    {
        ErrorCode.InvalidRequest => StatusCodes.Status400BadRequest,
        ErrorCode.Unauthenticated => StatusCodes.Status401Unauthorized,
        ErrorCode.Forbidden => StatusCodes.Status403Forbidden,
        ErrorCode.NotFound => StatusCodes.Status404NotFound,
        ErrorCode.Conflict => StatusCodes.Status409Conflict,
        ErrorCode.Gone => StatusCodes.Status410Gone,
        ErrorCode.TooLarge => StatusCodes.Status413PayloadTooLarge,
        ErrorCode.RateLimited => StatusCodes.Status429TooManyRequests,
        ErrorCode.Unavailable => StatusCodes.Status503ServiceUnavailable,
        ErrorCode.Internal => StatusCodes.Status500InternalServerError,
        _ => throw new UnreachableException($"No HTTP status for {code}."),
    };

    /// <summary>The code of a status that the framework itself answered with (405 and 415 among them, which keep their status).</summary>
    public static ErrorCode CodeOf(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => ErrorCode.Unauthenticated,
        StatusCodes.Status403Forbidden => ErrorCode.Forbidden,
        StatusCodes.Status404NotFound => ErrorCode.NotFound,
        StatusCodes.Status409Conflict => ErrorCode.Conflict,
        StatusCodes.Status410Gone => ErrorCode.Gone,
        StatusCodes.Status413PayloadTooLarge => ErrorCode.TooLarge,
        StatusCodes.Status429TooManyRequests => ErrorCode.RateLimited,
        StatusCodes.Status503ServiceUnavailable => ErrorCode.Unavailable,
        >= 500 => ErrorCode.Internal,
        _ => ErrorCode.InvalidRequest,
    };

    /// <summary>The error as a result of an endpoint or an action.</summary>
    /// <param name="error">What went wrong.</param>
    /// <param name="status">Only where it is not the code's own: 405, 415.</param>
    public static IResult Result(Error error, int? status = null) => new ProblemResult(error, status);

    /// <summary>Writes the error as the whole answer; the response must not have begun.</summary>
    /// <param name="context">The request to answer.</param>
    /// <param name="error">What went wrong.</param>
    /// <param name="status">Only where it is not the code's own: 405, 415.</param>
    public static Task WriteAsync(HttpContext context, Error error, int? status = null)
    {
        var response = context.Response;
        response.StatusCode = status ?? StatusOf(error.Code);
        response.ContentType = MediaType;
        response.Headers.CacheControl = "no-store";

        var retryAfterMs = error.RetryAfterMs;
        if (response.StatusCode is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable)
        {
            retryAfterMs ??= DefaultRetryAfterMs;
            response.Headers.RetryAfter = ((retryAfterMs.Value + 999) / 1000).ToString(CultureInfo.InvariantCulture);
        }

        return response.WriteAsync(Body(error, response.StatusCode, retryAfterMs).ToJsonString(Json), context.RequestAborted);
    }

    /// <summary>Gives a status that the framework set without a body (401, 404, 405, 413, 415) the same form as every other error.</summary>
    public static Task WriteStatusAsync(HttpContext context)
    {
        var status = context.Response.StatusCode;
        var phrase = ReasonPhrases.GetReasonPhrase(status);
        return WriteAsync(context, new Error(CodeOf(status), $"{phrase}."), status);
    }

    /// <summary>Answers for what was thrown: a body that ended early, was too long or too slow is the caller's fault, everything else ours.</summary>
    public static Task WriteFaultAsync(HttpContext context)
    {
        if (context.Features.Get<IExceptionHandlerFeature>()?.Error is not BadHttpRequestException { StatusCode: >= 400 and < 500 } bad)
        {
            return WriteAsync(context, new Error(ErrorCode.Internal, "Something went wrong on our side."));
        }

        context.Response.StatusCode = bad.StatusCode;
        return WriteStatusAsync(context);
    }

    private static JsonObject Body(Error error, int status, int? retryAfterMs)
    {
        var body = new JsonObject
        {
            ["type"] = "about:blank",
            ["title"] = ReasonPhrases.GetReasonPhrase(status),
            ["status"] = status,
            ["detail"] = error.Message,
            ["code"] = JsonNamingPolicy.SnakeCaseLower.ConvertName(error.Code.ToString()),
        };
        if (error.Errors is { } errors)
        {
            body["errors"] = new JsonObject(errors.Select(e =>
                KeyValuePair.Create(e.Key, (JsonNode?)new JsonArray([.. e.Value.Select(m => (JsonNode)m)]))));
        }

        if (error.Details is { } details)
        {
            // A node has one parent: the error keeps its own.
            body["details"] = details.DeepClone();
        }

        if (retryAfterMs is { } wait)
        {
            body["retryAfterMs"] = wait;
        }

        return body;
    }

    private sealed class ProblemResult(Error error, int? status) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => WriteAsync(httpContext, error, status);
    }
}
