using MediatR;
using RealtimeHub.Contracts;

namespace RealtimeHub.Core.Pipeline;

/// <summary>Outermost: a span and a measurement for each request, whatever becomes of it.</summary>
internal sealed class TelemetryBehaviour<TCall, TReply>(TimeProvider time) : IPipelineBehavior<TCall, TReply>
    where TCall : notnull
    where TReply : IReply<TReply>
{
    public async Task<TReply> Handle(TCall call, RequestHandlerDelegate<TReply> next, CancellationToken cancellationToken)
    {
        var name = call is ICall c ? c.Request.GetType().Name : typeof(TCall).Name;
        using var activity = PipelineTelemetry.Source.StartActivity(name);
        var started = time.GetTimestamp();
        var reply = await next();
        var outcome = reply.Error?.Code.ToString() ?? "Ok";
        activity?.SetTag("realtimehub.outcome", outcome);
        PipelineTelemetry.Duration.Record(
            time.GetElapsedTime(started).TotalSeconds, new("request", name), new("outcome", outcome));
        return reply;
    }
}
