using MediatR;
using RealtimeHub.Contracts;

namespace RealtimeHub.Core.Pipeline;

/// <summary>Around all checks, so that denials are seen. For success the event itself is the record.</summary>
internal sealed class AuditBehaviour<TCall, TReply>(IAuditTrail audit, UseCases useCases, TimeProvider time) : IPipelineBehavior<TCall, TReply>
    where TCall : notnull
    where TReply : IReply<TReply>
{
    public async Task<TReply> Handle(TCall call, RequestHandlerDelegate<TReply> next, CancellationToken cancellationToken)
    {
        var reply = await next();
        if (reply.Error is { } error && call is ICall c)
        {
            var topic = c.State.IsValid ? useCases.Find(c)?.UseCase.TopicOf(c)?.ToString() : null;
            audit.Record(AuditRecord.Of(c, topic, error.Code, time.GetUtcNow()));
        }

        return reply;
    }
}
