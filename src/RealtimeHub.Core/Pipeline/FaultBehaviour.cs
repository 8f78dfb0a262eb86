using System.Text.Json.Nodes;
using MediatR;
using Microsoft.Extensions.Logging;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Pipeline;

/// <summary>Turns a lost log into <c>unavailable</c>, an event that it does not take into <c>too_large</c>, and a bug into <c>internal</c>, which says nothing of the inside.</summary>
internal sealed class FaultBehaviour<TCall, TReply>(ILogger<FaultBehaviour<TCall, TReply>> logger) : IPipelineBehavior<TCall, TReply>
    where TCall : notnull
    where TReply : IReply<TReply>
{
    public async Task<TReply> Handle(TCall call, RequestHandlerDelegate<TReply> next, CancellationToken cancellationToken)
    {
        try
        {
            return await next();
        }
        catch (LogUnavailableException e)
        {
            PipelineLog.LogUnavailable(logger, NameOf(call), e.Message);
            return TReply.Fail(e.Stored is var (stored, last)
                ? Unavailable with { Details = new JsonObject { ["stored"] = stored, ["lastSeq"] = last } }
                : Unavailable);
        }
        catch (EventTooLargeException e)
        {
            return TReply.Fail(new Error(ErrorCode.TooLarge, e.Message));
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            PipelineLog.Failed(logger, NameOf(call), e);
            return TReply.Fail(new Error(ErrorCode.Internal, "Something went wrong on our side."));
        }
    }

    internal static Error Unavailable { get; } = new(
        ErrorCode.Unavailable, "The log did not answer. It is not known to be stored; repeating with the same idempotency key is safe.")
    {
        RetryAfterMs = 1000,
    };

    private static string NameOf(TCall call) => call is ICall c ? c.RequestType.Name : typeof(TCall).Name;
}
