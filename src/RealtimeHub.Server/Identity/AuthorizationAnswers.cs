using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.IdentityModel.Tokens;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Features.Sessions;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Pipeline;
using RealtimeHub.Server.Errors;

namespace RealtimeHub.Server.Identity;

/// <summary>Answers requests that may not go on, with the same problem details whatever scheme they came by.</summary>
/// <remarks>A token is looked up here and not where it is validated, because tickets and tokens alike come by.</remarks>
internal sealed class AuthorizationAnswers(SessionRevocations revocations) : IAuthorizationMiddlewareResultHandler
{
    public Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        if (authorizeResult.Succeeded)
        {
            return LetInAsync(next, context);
        }

        return authorizeResult.Challenged
            ? ChallengeAsync(context)
            : Problems.WriteAsync(context, Error.Forbidden("You may not do this."));
    }

    private async Task LetInAsync(RequestDelegate next, HttpContext context)
    {
        try
        {
            if (await revocations.IsRevokedAsync(CallerFactory.Create(context.User, Surface.Http), context.RequestAborted))
            {
                await RefuseAsync(context, "The session was revoked.");
                return;
            }
        }
        catch (LogUnavailableException)
        {
            await Problems.WriteAsync(context, new Error(ErrorCode.Unavailable, "The log did not answer; nothing was done.") { RetryAfterMs = 1000 });
            return;
        }

        await next(context);
    }

    private static async Task ChallengeAsync(HttpContext context)
    {
        // The middleware keeps only what succeeded; asking again costs nothing, because handlers remember their answer.
        var failure = (await context.AuthenticateAsync()).Failure;
        var message = MessageOf(failure);

        await RefuseAsync(context, message, hasToken: failure is not null);
    }

    private static Task RefuseAsync(HttpContext context, string message, bool hasToken = true)
    {
        // RFC 6750, 3: the error only where a token was given.
        context.Response.Headers.WWWAuthenticate = hasToken ? $"Bearer error=\"invalid_token\", error_description=\"{message}\"" : "Bearer";
        return Problems.WriteAsync(context, new Error(ErrorCode.Unauthenticated, message));
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
