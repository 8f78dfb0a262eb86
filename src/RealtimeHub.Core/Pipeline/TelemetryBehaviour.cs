using System.Diagnostics;
using MediatR;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Telemetry;

namespace RealtimeHub.Core.Pipeline;

/// <summary>Outermost: a span and a measurement for each request, whatever becomes of it.</summary>
internal sealed class TelemetryBehaviour<TCall, TReply>(NodeCounters counters, TimeProvider time) : IPipelineBehavior<TCall, TReply>
    where TCall : notnull
    where TReply : IReply<TReply>
{
    public async Task<TReply> Handle(TCall call, RequestHandlerDelegate<TReply> next, CancellationToken cancellationToken)
    {
        var c = call as ICall;
        var name = c?.RequestType.Name ?? typeof(TCall).Name;

        // Where nobody traces, a hub call without a context has none; its audit record is to have an id that the logs show, too.
        using var activity = PipelineTelemetry.Source.StartActivity(name) ?? (Activity.Current is null ? new Activity(name).Start() : null);
        var started = time.GetTimestamp();
        var reply = await next();
        var surface = c?.Caller.Surface.ToString() ?? "None";
        var outcome = reply.Error?.Code.ToString() ?? "Ok";
        activity?.SetTag("realtimehub.surface", surface).SetTag("realtimehub.outcome", outcome);
        counters.CountRequest();
        PipelineTelemetry.Duration.Record(
            time.GetElapsedTime(started).TotalSeconds, new("request", name), new("surface", surface), new("outcome", outcome));
        if (reply.Error is { } error)
        {
            Metrics.CountDenial(error.Code, c?.Caller.Surface);
        }

        return reply;
    }
}
