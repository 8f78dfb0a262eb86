using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.IdentityModel.Tokens;
using RealtimeHub.Contracts;
using RealtimeHub.Server.Errors;

namespace RealtimeHub.Server.Identity;

/// <summary>Answers requests that may not go on, with the same problem details whatever scheme they came by.</summary>
internal sealed class AuthorizationAnswers : IAuthorizationMiddlewareResultHandler
{
    public Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        if (authorizeResult.Succeeded)
        {
            return next(context);
        }

        return authorizeResult.Challenged
            ? ChallengeAsync(context)
            : Problems.WriteAsync(context, Error.Forbidden("You may not do this."));
    }

    private static async Task ChallengeAsync(HttpContext context)
    {
        // The middleware keeps only what succeeded; asking again costs nothing, because handlers remember their answer.
        var failure = (await context.AuthenticateAsync()).Failure;
        var message = MessageOf(failure);

        // RFC 6750, 3: the error only where a token was given.
        context.Response.Headers.WWWAuthenticate = failure is null ? "Bearer" : $"Bearer error=\"invalid_token\", error_description=\"{message}\"";
        await Problems.WriteAsync(context, new Error(ErrorCode.Unauthenticated, message));
    }

    /// <summary>Our own sentences are told; what the token library says is not meant for callers.</summary>
    private static string MessageOf(Exception? failure) => failure switch
    {
        null => "A bearer token is needed.",
        SecurityTokenExpiredException => "The token has expired.",
        AuthenticationFailureException => failure.Message,
        _ => "The token is not valid.",
    };
}
